"""Rows of what serving takes in, their nouns out."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from services.facts.service_level.records import ServingUseRecord
from services.facts.service_level.types import ServingUse

R = ServingUseRecord
SAME = ("model", "version", "since", "until", "requests", "comparable", "again_by_day", "again",
        "seconds", "p50_ms", "p95_ms", "model_bytes", "seen_at")  # fmt: skip


def write(session: Session, use: ServingUse) -> None:
    """Store what serving a version takes, in place of what was known."""
    values: dict[str, Any] = {name: getattr(use, name) for name in SAME}
    session.merge(R(**values, hours={str(hour): n for hour, n in use.hours.items()}))
    session.flush()


def find(session: Session, models: Sequence[str] | None = None) -> list[ServingUse]:
    """Return what serving takes, by model and version; of all models, or of some."""
    chosen = select(R).order_by(col(R.model), col(R.version))
    if models is not None:
        chosen = chosen.where(col(R.model).in_(list(models)))
    return [_use(row) for row in session.exec(chosen)]


def _use(row: ServingUseRecord) -> ServingUse:
    values: dict[str, Any] = {name: getattr(row, name) for name in SAME}
    return ServingUse(**values, hours={int(hour): n for hour, n in row.hours.items()})
