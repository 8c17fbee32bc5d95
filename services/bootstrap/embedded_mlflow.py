"""The MLflow server that the console brings when none is configured."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from services.settings import Settings

QUIET = {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
}


def command(settings: Settings) -> list[str]:
    """Return the command of the embedded server: SQLite, local artifacts, loopback, one worker."""
    home = settings.home.absolute() / "mlflow"
    return [
        sys.executable, "-m", "mlflow", "server",
        "--backend-store-uri", f"sqlite:///{home}/mlflow.db",
        "--artifacts-destination", str(home / "artifacts"),
        "--serve-artifacts",
        "--host", "127.0.0.1",
        "--port", str(settings.mlflow_port),
        "--workers", "1",
    ]  # fmt: skip


def environment() -> dict[str, str]:
    """Return its environment: nothing of ours, jobs and telemetry off."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERSIGN_", "MLFLOW_"))}
    return {**kept, **QUIET, "PYTHONUNBUFFERED": "1"}


def database(settings: Settings) -> Path:
    """Return the file of its store."""
    return settings.home.absolute() / "mlflow" / "mlflow.db"


def answers(url: str) -> bool:
    """Tell whether an MLflow server answers there."""
    try:
        return httpx.get(f"{url}/health", timeout=2).is_success
    except httpx.HTTPError:
        return False


def wait_until_answers(url: str, seconds: float, alive: Callable[[], bool]) -> bool:
    """Wait until the server answers; give up after some seconds, or when it is no longer alive."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and alive():
        if answers(url):
            return True
        time.sleep(0.5)
    return False
