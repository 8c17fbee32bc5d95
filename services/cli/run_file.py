"""``run.json``: what a running console says of itself, from its first second."""

import json
import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from services.kernel.error import SourceUnavailable
from services.settings import Settings

NAME = "run.json"


def release() -> str:
    """Return the release that runs."""
    try:
        return version("countersign")
    except PackageNotFoundError:
        return "source"


def first(settings: Settings) -> dict[str, Any]:
    """Return what is known before anything runs."""
    home = settings.home.absolute()
    return {
        "state": "starting",
        "console_url": settings.console_url,
        "api_url": f"{settings.console_url}/api/v1",
        "mlflow_url": settings.mlflow,
        "pids": {"up": os.getpid(), "web": None, "worker": None, "mlflow": None},
        "version": release(),
        "ready_at": None,
        "token_file": str(home / "keys" / "local.token"),
    }


def write(settings: Settings, held: dict[str, Any]) -> None:
    """Write it whole; a reader never sees half of it."""
    path = settings.home.absolute() / NAME
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(held, indent=1), encoding="utf-8")
    partial.replace(path)


def read(home: Path) -> dict[str, Any]:
    """Return what a running console says.

    Raises
    ------
    SourceUnavailable
        When none runs in this workspace.
    """
    try:
        return json.loads((home.absolute() / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SourceUnavailable(
            f"No console runs in {home}; start it with 'countersign up', or set COUNTERSIGN_URL."
        ) from error
