"""Starting the sandbox, watching it, and saying what stopped it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.facts.scoring.types import Limit, LimitExceeded, Limits, SandboxLevel

CHILD = Path(__file__).with_name("child.py")
LOOK_EVERY = 0.05
OUTPUT_LIMIT = 64 * 1024
PROBE = """
import sys; sys.path.insert(0, {root!r})
from services.facts.scoring import confinement
confinement.confine(["/"], [sys.argv[1]])
import os, socket
def refused(what):
    try: what()
    except OSError: return True
    return False
print(refused(socket.socket) and refused(os.fork) and refused(lambda: open("/tmp/countersign-probe", "w")))
"""
WORDS = {
    Limit.TIME: "took longer than {seconds:.0f} seconds",
    Limit.MEMORY: "wanted more than {memory_mb:,} MiB of memory",
    Limit.PROCESSES: "tried to start another process",
    Limit.NETWORK: "tried to use the network",
    Limit.FILES: "tried to use files outside its own folder",
    Limit.ENVIRONMENT: "looked for a variable in the environment, which is empty",
    Limit.REFUSED: "was refused before it was loaded",
    Limit.CRASHED: "crashed",
    Limit.CANCELLED: "was stopped on request",
}


@dataclass(frozen=True, slots=True)
class Detected:
    """Which level this machine offers, and in which words."""

    level: SandboxLevel
    words: str


@cache
def detect() -> Detected:
    """Return the level this machine offers, found by trying once."""
    root = str(CHILD.parents[3])
    with TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-I", "-c", PROBE.format(root=root), folder],
            capture_output=True,
            text=True,
            env=_environment(Path(folder)),
            timeout=30,
            check=False,
        )
    if done.stdout.strip() == "True":
        return Detected(SandboxLevel.S1, "System calls are filtered and files are closed off.")
    reason = (done.stderr.strip().splitlines() or ["the trial was not refused anything"])[-1]
    return Detected(SandboxLevel.S0, f"Only limits are available: {reason[:200]}")


def _environment(folder: Path) -> dict[str, str]:
    """Return all that a model may know of its surroundings."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
        "NUMBA_CACHE_DIR": str(folder),
        "MPLCONFIGDIR": str(folder),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        **{key: os.environ[key] for key in ("OPENBLAS_CORETYPE",) if key in os.environ},
    }


def run(
    folder: Path, job: dict[str, Any], limits: Limits, should_stop: Callable[[], bool]
) -> dict[str, Any]:
    """Run one job in the sandbox and return its result.

    Parameters
    ----------
    folder
        The job's own folder: ``model/`` and ``rows.parquet`` stand in it.
    should_stop
        Asked every twentieth of a second; True stops the job at once.

    Raises
    ------
    LimitExceeded
        Naming what stopped it.
    """
    job = {
        **job,
        "memory_mb": limits.memory_mb,
        "seconds": int(limits.seconds),
        "file_mb": limits.file_mb,
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    (folder / "result.json").unlink(missing_ok=True)
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-I", "-X", "faulthandler=0", str(CHILD), str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=_environment(folder),
            start_new_session=True,
            close_fds=True,
        )
    try:
        stopped = _watch(process, limits.seconds, should_stop)
    finally:
        _kill(process)
    return _result(folder, process.returncode, stopped, limits)


def _watch(
    process: subprocess.Popen[bytes], seconds: float, should_stop: Callable[[], bool]
) -> Limit | None:
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > deadline:
            return Limit.TIME
        if should_stop():
            return Limit.CANCELLED
        time.sleep(LOOK_EVERY)
    return None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the whole group; nothing of it is left."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _result(
    folder: Path, code: int | None, stopped: Limit | None, limits: Limits
) -> dict[str, Any]:
    if stopped is not None:
        raise exceeded(stopped, limits)
    path = folder / "result.json"
    if not path.is_file():
        by_signal = {-signal.SIGXCPU: Limit.TIME, -signal.SIGXFSZ: Limit.FILES}
        said = last_words(folder)
        memory = "MemoryError" in said or "Cannot allocate memory" in said
        limit = by_signal.get(code or 0, Limit.MEMORY if memory else Limit.CRASHED)
        raise exceeded(limit, limits, said)
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    error = result.get("error")
    if error is None:
        return result
    words = str(result.get("words", ""))
    if error == "error":
        raise LimitExceeded(Limit.CRASHED, f"The version could not answer: {words}")
    raise exceeded(Limit(error), limits, words)


def exceeded(limit: Limit, limits: Limits, words: str = "") -> LimitExceeded:
    """Return the failure of a limit, in one sentence."""
    did = WORDS[limit].format(seconds=limits.seconds, memory_mb=limits.memory_mb)
    more = f" ({words.strip()[:300]})" if words.strip() else ""
    return LimitExceeded(limit, f"The version {did}{more}; nothing was measured.")


def last_words(folder: Path) -> str:
    """Return the end of what the child printed."""
    path = folder / "output.txt"
    if not path.is_file():
        return ""
    text = path.read_bytes()[-OUTPUT_LIMIT:].decode("utf-8", "replace").strip()
    return text.splitlines()[-1][:300] if text else ""


def clear(folder: Path) -> None:
    """Remove a job's folder."""
    shutil.rmtree(folder, ignore_errors=True)
