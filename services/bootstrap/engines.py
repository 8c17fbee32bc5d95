"""Engines by name over opened services, and the trial of one that is to be set."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.bootstrap.services import Services
from services.facts.registry.gateway import MlflowGateway
from services.record.task.types import Task
from services.workflows.engine.local.engine import LocalEngine
from services.workflows.engine.registry import Engines


def engines(services: Services, gateway: MlflowGateway) -> Engines:
    """Return what finds an engine by its name; ``local`` is always there."""
    home = services.settings.home.absolute()

    def local() -> LocalEngine:
        return LocalEngine(home / "jobs" / "local")

    return Engines(
        services.store, services.engine_settings, local, services.settings.console_url,
        gateway.download_run_folder,
    )  # fmt: skip


def trial(services: Services) -> Callable[[Task], dict[str, Any]]:
    """Return what tries an engine that an operator wants to set."""

    def nowhere(run_id: str, folder: str, into: Path) -> bool:
        del run_id, folder, into
        return False

    found = Engines(
        services.store, services.engine_settings, lambda: LocalEngine(Path()),
        services.settings.console_url, nowhere,
    )  # fmt: skip

    def answer(task: Task) -> dict[str, Any]:
        return {"words": found.over(services.engine_settings.tried(task)).trial()}

    return answer
