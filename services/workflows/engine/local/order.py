"""What a supervisor is told of an attempt: what it holds, what it runs, within which limits."""

import hashlib
import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.kernel.error import InvalidInput
from services.workflows.engine.local import processes
from services.workflows.engine.order import contract
from services.workflows.engine.types import AttemptSpec

Places = tuple[list[str], int]
"""The places of one kind, and how many of them are wanted."""
ATTEMPT_LOCK = "attempt.lock"
"""In the folder of a job: its attempts never run beside each other."""
PATH = "/usr/local/bin:/usr/bin:/bin"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def mark_of(folder: str) -> str:
    """Return what every process of the attempt in a folder carries in its environment."""
    return hashlib.sha256(folder.encode()).hexdigest()


def places(spec: AttemptSpec, most_cpus: int, gpu_names: Mapping[int, str]) -> list[Places]:
    """Return what an attempt holds while it runs: its folder, processors, GPUs.

    Parameters
    ----------
    most_cpus
        The processors of this machine; who asks for more gets all of them.

    Raises
    ------
    InvalidInput
        When this machine can never run it.
    """
    if not _ID.fullmatch(spec.attempt_id):
        raise InvalidInput("The id of an attempt has letters, digits, points and dashes only.")
    if spec.image:
        raise InvalidInput(
            "The local engine runs no images; choose an engine that does, or an environment."
        )
    if not spec.command or not (spec.folder / "code").is_dir():
        raise InvalidInput("There is nothing to run; say a command and code in the recipe.")
    asked = spec.resources
    fitting = [n for n, name in gpu_names.items() if asked.gpu_type.casefold() in name.casefold()]
    if asked.gpus > len(fitting):
        kind = f" of type {asked.gpu_type}" if asked.gpu_type else ""
        raise InvalidInput(
            f"{asked.gpus} GPUs{kind} are wanted and this machine has {len(fitting)}; "
            "ask for fewer, or choose another engine."
        )
    cpus = min(max(1, math.ceil(asked.cpus)), most_cpus)
    return [
        ([str(spec.folder.absolute() / ATTEMPT_LOCK)], 1),
        ([f"cpu-{n}" for n in range(most_cpus)], cpus),
        ([f"gpu-{n}" for n in fitting], asked.gpus),
    ]


def told(spec: AttemptSpec, folder: Path, wanted: list[Places]) -> dict[str, Any]:
    """Return all that the supervisor needs to know."""
    mark = mark_of(str(folder))
    return {
        "mark": mark,
        "command": list(spec.command),
        "cwd": str(spec.folder.absolute() / "code"),
        "environment": environment(spec, mark, wanted[1][1]),
        "wanted": wanted,
        "seconds": spec.resources.seconds,
        "memory_gb": spec.resources.memory_gb,
        "grace_seconds": spec.grace_seconds,
        "stop_signal": spec.stop_signal,
        "log_limit": spec.log_limit,
    }


def environment(spec: AttemptSpec, mark: str, threads: int) -> dict[str, str]:
    """Return all that a script may know of its surroundings."""
    program = Path(spec.command[0])
    return {
        "PATH": f"{program.parent}:{PATH}" if program.is_absolute() else PATH,
        "HOME": str(spec.folder.absolute()),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        **dict.fromkeys(_THREADS, str(threads)),
        **{key: os.environ[key] for key in ("OPENBLAS_CORETYPE",) if key in os.environ},
        **spec.environment,
        **contract(spec),
        processes.MARK: mark,
    }
