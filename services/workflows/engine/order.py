"""What a node is told of an attempt, in words that need nothing of ours."""

from typing import Any

from services.workflows.engine.types import AttemptSpec

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def contract(spec: AttemptSpec) -> dict[str, str]:
    """Return the variables by which a script knows its job, its checkpoint and its signal."""
    folder = spec.folder.absolute()
    return {
        "COUNTERSIGN_JOB_DIR": str(folder),
        "COUNTERSIGN_JOB_ID": spec.job_id,
        "COUNTERSIGN_JOB_ATTEMPT": str(spec.number),
        "COUNTERSIGN_CHECKPOINT_DIR": str(folder / spec.checkpoint),
        "COUNTERSIGN_STOP_SIGNAL": spec.stop_signal,
    }


def order(spec: AttemptSpec) -> dict[str, Any]:
    """Return what the program on a node reads before it starts the script."""
    folder, wants = spec.folder.absolute(), spec.resources
    code = folder / "code"
    environment = {
        "LANG": "C.UTF-8",
        "HOME": str(folder),
        "PYTHONUNBUFFERED": "1",
        **dict.fromkeys(_THREADS, str(max(1, int(wants.cpus)))),
        **spec.environment,
        **contract(spec),
    }
    return {
        "attempt_id": spec.attempt_id,
        "command": list(spec.command),
        "directory": str(code if code.is_dir() else folder),
        "environment": environment,
        "gpus": wants.gpus,
        "memory_mb": wants.memory_gb * 1024,
        "seconds": wants.seconds,
        "grace_seconds": spec.grace_seconds,
        "stop_signal": spec.stop_signal,
        "log_limit": spec.log_limit,
    }
