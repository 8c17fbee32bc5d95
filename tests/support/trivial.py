"""Trainings that are over as soon as they begin, for tests of the queue: no engine, no MLflow."""

import json
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.facts.registry.types import Run
from services.kernel.clock import SystemClock
from services.workflows.engine.key import AttemptKey
from services.workflows.engine.types import (
    AttemptSpec,
    Capabilities,
    EngineState,
    Handle,
    Status,
)
from services.workflows.retraining.ports import Parts, Prepared
from tests.support.forge import Always


class Instant:
    """An engine on which everything has succeeded already."""

    name = "local"
    capabilities = Capabilities(0, "", 6, stops_pending=True, limits_time=True)

    def submit(self, spec: AttemptSpec) -> Handle:
        model = spec.folder / "out" / "model"
        model.mkdir(parents=True, exist_ok=True)
        (model / "MLmodel").write_text("flavors: {}")
        (spec.folder / "out" / "result.json").write_text(json.dumps({"metrics": {"loss": 0.5}}))
        return Handle("local", spec.attempt_id, "instant")

    def find(self, key: AttemptKey) -> Handle | None:
        return Handle("local", key.attempt_id, "instant")

    def poll(self, handle: Handle) -> Status:
        now = SystemClock().now()
        return Status(EngineState.SUCCEEDED, exit_code=0, started_at=now, finished_at=now)

    def logs(self, handle: Handle, offset: int, limit: int = 65536) -> tuple[bytes, int]:
        return b"", offset

    def cancel(self, handle: Handle, reason: str) -> None:
        raise AssertionError("nobody stops what is over")


class Nowhere:
    """An MLflow that keeps nothing."""

    def close(self) -> None:
        """Keep nothing open."""

    def experiment(self, name: str) -> str:
        return "1"

    def begin_run(self, *_: object) -> str:
        return uuid.uuid4().hex

    def runs_tagged(self, *_: object) -> list[Run]:
        return []

    def versions_tagged(self, *_: object) -> list[Any]:
        return []

    def log(self, *_: object, **__: object) -> None:
        """Keep nothing."""

    def log_input(self, *_: object) -> None:
        """Keep nothing."""

    def download_version(self, name: str, version: int, into: Path) -> None:
        into.mkdir(parents=True, exist_ok=True)
        (into / "MLmodel").write_text("flavors: {}")


def trivial(parts: Parts) -> Parts:
    """Return the same with trainings that are over as soon as they begin; none is better."""
    instant: Any = Instant()
    nowhere: Any = Nowhere()
    return replace(
        parts,
        engines=lambda name: instant,
        tracking=nowhere,
        comparing=Always(better=False),
        workshop=lambda *_: Prepared(("true",), "", "0" * 64),
    )
