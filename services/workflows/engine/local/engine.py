"""The engine of this machine: attempts as process groups, each with a supervisor of its own."""

import json
import math
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from services.kernel.error import InvalidInput, SourceUnavailable
from services.workflows.engine.local import gpus, nvml_adapter, processes, standing
from services.workflows.engine.local.place import CANCEL, EXIT, LOG, STARTED, Place
from services.workflows.engine.types import (
    AttemptSpec,
    Capabilities,
    EngineState,
    Handle,
    Status,
)

NAME = "local"
ATTEMPT_LOCK = "attempt.lock"
"""In the folder of a job: its attempts never run beside each other."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ROOT = Path(__file__).parents[4]
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[2]); "
    "from services.workflows.engine.local.supervise import main; sys.exit(main())"
)
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_PATH = "/usr/local/bin:/usr/bin:/bin"
_ABSENT = "There is no trace of this attempt on this machine."


class LocalEngine:
    """Runs attempts on this machine.

    Parameters
    ----------
    home
        Where attempts and leases are kept, on a local disk: ``jobs/local`` of the workspace.
    cpus
        How many processors attempts may hold together; None for as many as this process may use.
    gpu_names
        The GPUs by index; None for those that are found.
    driver
        Where the library lies that asks GPUs while an attempt holds them; empty to ask none.
    """

    def __init__(
        self,
        home: Path,
        cpus: int | None = None,
        gpu_names: dict[int, str] | None = None,
        driver: str = nvml_adapter.FOLDER,
    ) -> None:
        self._home = home.absolute()
        self._cpus = cpus or _processors()
        self._driver = "" if gpus.PRETENDED in os.environ else driver
        self._gpus = gpus.detect() if gpu_names is None else gpu_names

    @property
    def name(self) -> str:
        """Return what it is called."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """Return what this machine has."""
        kinds = sorted(set(self._gpus.values()))
        return Capabilities(
            gpus=len(self._gpus),
            gpu_type=", ".join(kinds),
            most_at_once=self._cpus,
            stops_pending=True,
            limits_time=True,
        )

    def submit(self, spec: AttemptSpec) -> Handle:
        """Start an attempt, once.

        It waits (*pending*) until its processors and GPUs are free, and until no other attempt runs in its folder.

        Raises
        ------
        InvalidInput
            When this machine can never run it.
        SourceUnavailable
            When its supervisor did not start; submit it again.
        """
        wanted = self._wanted(spec)
        folder = self._home / "attempts" / spec.attempt_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = Place(str(folder))
        if not place.has(STARTED) and not place.has(EXIT):
            self._start(folder, self._told(spec, folder, wanted))
        return Handle(NAME, spec.attempt_id, f"{platform.node()}:{folder}")

    def _wanted(self, spec: AttemptSpec) -> list[tuple[list[str], int]]:
        """Return the places it wants: its folder, processors, GPUs."""
        if not _ID.fullmatch(spec.attempt_id):
            raise InvalidInput("The id of an attempt has letters, digits, points and dashes only.")
        if spec.image:
            raise InvalidInput(
                "The local engine runs no images; choose an engine that does, or an environment."
            )
        if not spec.command or not (spec.folder / "code").is_dir():
            raise InvalidInput("There is nothing to run; say a command and code in the recipe.")
        asked = spec.resources
        fitting = [
            n for n, name in self._gpus.items() if asked.gpu_type.casefold() in name.casefold()
        ]
        if asked.gpus > len(fitting):
            kind = f" of type {asked.gpu_type}" if asked.gpu_type else ""
            raise InvalidInput(
                f"{asked.gpus} GPUs{kind} are wanted and this machine has {len(fitting)}; "
                "ask for fewer, or choose another engine."
            )
        cpus = min(max(1, math.ceil(asked.cpus)), self._cpus)
        return [
            ([str(spec.folder.absolute() / ATTEMPT_LOCK)], 1),
            ([f"cpu-{n}" for n in range(self._cpus)], cpus),
            ([f"gpu-{n}" for n in fitting], asked.gpus),
        ]

    def _told(
        self, spec: AttemptSpec, folder: Path, wanted: list[tuple[list[str], int]]
    ) -> dict[str, Any]:
        """Return all that the supervisor needs to know."""
        mark = Place(str(folder)).mark
        return {
            "mark": mark,
            "command": list(spec.command),
            "cwd": str(spec.folder.absolute() / "code"),
            "environment": _environment(spec, mark, wanted[1][1]),
            "wanted": wanted,
            "leases": str(self._home / "leases" / platform.node()),
            "seconds": spec.resources.seconds,
            "memory_gb": spec.resources.memory_gb,
            "grace_seconds": spec.grace_seconds,
            "log_limit": spec.log_limit,
            "nvml": self._driver,
        }

    def _start(self, folder: Path, told: dict[str, Any]) -> None:
        """Start the supervisor; its standard output ends when it stands by itself."""
        try:
            with (folder / "supervisor.log").open("ab") as said:
                subprocess.run(
                    [sys.executable, "-I", "-S", "-c", _PROGRAM, str(folder), str(_ROOT)],
                    input=json.dumps(told).encode(),
                    stdout=subprocess.PIPE,
                    stderr=said,
                    cwd=folder,
                    env={"PATH": _PATH, "LANG": "C.UTF-8"},
                    start_new_session=True,
                    timeout=standing.BEGINS_WITHIN,
                    check=True,
                )
        except (OSError, subprocess.SubprocessError) as error:
            raise SourceUnavailable(
                "The supervisor of the attempt did not start; it is asked again."
            ) from error

    def poll(self, handle: Handle) -> Status:
        """Return where an attempt stands."""
        place = _place(handle)
        if not place.has(""):
            if _host(handle) == platform.node():
                return Status(EngineState.LOST, _ABSENT)
            words = f"It runs on {_host(handle)}; this machine cannot tell."
            return Status(EngineState.UNKNOWN, words)
        return standing.read(place)

    def logs(self, handle: Handle, offset: int, limit: int = 65536) -> tuple[bytes, int]:
        """Return what was printed from a byte on, and where to go on.

        Raises
        ------
        SourceUnavailable
            When the attempt runs on another machine.
        """
        place = self._reachable(handle)
        try:
            with Path(place.path(LOG)).open("rb") as log:
                log.seek(offset)
                found = log.read(limit)
        except FileNotFoundError:
            return b"", offset
        return found, offset + len(found)

    def cancel(self, handle: Handle, reason: str) -> None:
        """Ask an attempt to stop; of one that is over, nothing.

        Raises
        ------
        SourceUnavailable
            When the attempt runs on another machine.
        """
        place = self._reachable(handle)
        if not place.has("") or place.has(EXIT):
            return
        place.write(CANCEL, {"reason": reason})
        with place.held() as is_free:
            if is_free and not place.has(STARTED) and not place.has(EXIT):
                place.write(EXIT, standing.tombstone("cancelled", reason, None))

    def _reachable(self, handle: Handle) -> Place:
        place = _place(handle)
        if not place.has("") and _host(handle) != platform.node():
            raise SourceUnavailable(f"The attempt runs on {_host(handle)}; ask there.")
        return place


def _processors() -> int:
    counted = getattr(os, "sched_getaffinity", None)
    return len(counted(0)) if counted else os.cpu_count() or 1


def _environment(spec: AttemptSpec, mark: str, threads: int) -> dict[str, str]:
    """Return all that a script may know of its surroundings."""
    program = Path(spec.command[0])
    return {
        "PATH": f"{program.parent}:{_PATH}" if program.is_absolute() else _PATH,
        "HOME": str(spec.folder.absolute()),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        **dict.fromkeys(_THREADS, str(threads)),
        **{key: os.environ[key] for key in ("OPENBLAS_CORETYPE",) if key in os.environ},
        **spec.environment,
        "COUNTERSIGN_JOB_DIR": str(spec.folder.absolute()),
        "COUNTERSIGN_JOB_ID": spec.job_id,
        "COUNTERSIGN_JOB_ATTEMPT": str(spec.number),
        processes.MARK: mark,
    }


def _host(handle: Handle) -> str:
    return handle.ref.partition(":")[0]


def _place(handle: Handle) -> Place:
    return Place(handle.ref.partition(":")[2])
