"""Rows of what sources held, in and out."""

from dataclasses import asdict

from sqlmodel import Session

from services.workflows.triggering.records import SourceSeenRecord
from services.workflows.triggering.types import SourceSeen

S = SourceSeenRecord
_FIELDS = tuple(SourceSeen.__dataclass_fields__)


def seen(session: Session, model: str) -> SourceSeen | None:
    """Return what the source of a model held, or None."""
    row = session.get(S, model)
    return SourceSeen(**{name: getattr(row, name) for name in _FIELDS}) if row else None


def write(session: Session, held: SourceSeen) -> None:
    """Store what a source holds now, in place of what it held before."""
    session.merge(S(**asdict(held)))
    session.flush()
