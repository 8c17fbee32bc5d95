"""Engine rows in, engines out; what is sealed leaves sealed."""

from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from services.kernel.identity import new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.engine.records import EngineRecord
from services.standards.engine.types import EngineKind, SetEngine

R = EngineRecord


def _engine(row: EngineRecord) -> SetEngine:
    return SetEngine(
        row.name,
        EngineKind(row.kind),
        row.shown,
        row.gpu_type,
        row.allow_private,
        row.enabled,
        row.tested_at,
        row.made_by,
        row.valid_from,
    )


def engines(session: Session, at: datetime | None = None) -> list[SetEngine]:
    """Return engines by name, now or at an instant."""
    rows = session.exec(select(R).where(standing(R, at)).order_by(col(R.name)))
    return [_engine(row) for row in rows]


def by_name(session: Session, name: str) -> tuple[SetEngine, str] | None:
    """Return an engine and how it is reached, sealed; or None."""
    row = session.exec(select(R).where(standing(R), col(R.name) == name)).first()
    return (_engine(row), row.sealed) if row else None


def last_sealed(session: Session, name: str) -> str | None:
    """Return how an engine is or was last reached, sealed; None when there never was one."""
    rows = select(R).where(col(R.name) == name).order_by(col(R.event_seq).desc())
    row = session.exec(rows).first()
    return row.sealed if row else None


def end(unit: UnitOfWork, name: str) -> None:
    """End the standing version of an engine."""
    for row in unit.session.exec(select(R).where(standing(R), col(R.name) == name)):
        close(row, unit.now)
    unit.session.flush()


def write(unit: UnitOfWork, engine: SetEngine, sealed: str, seq: int) -> None:
    """Make this the standing version of an engine."""
    end(unit, engine.name)
    values = asdict(engine)
    values |= {"kind": engine.kind.value, "valid_from": values.pop("since")}
    unit.session.add(R(row_id=new_id(), sealed=sealed, event_seq=seq, **values))
    unit.session.flush()
