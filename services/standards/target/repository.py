"""Rows of business figures in, their nouns out."""

from datetime import datetime

from sqlmodel import Session, col, select

from services.kernel.identity import new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.target.records import KpiRecord
from services.standards.target.types import Kpi

R = KpiRecord


def of_model(session: Session, model: str, at: datetime | None = None) -> list[Kpi]:
    """Return the figures of a model by name, now or at an instant."""
    rows = session.exec(
        select(R).where(standing(R, at), col(R.model) == model).order_by(col(R.name))
    )
    return [
        Kpi(r.model, r.name, r.unit, r.direction, r.target, r.formula, r.valid_from) for r in rows
    ]


def end(unit: UnitOfWork, model: str, name: str) -> None:
    """End the standing version of a figure."""
    chosen = select(R).where(standing(R), col(R.model) == model, col(R.name) == name)
    for row in unit.session.exec(chosen):
        close(row, unit.now)
    unit.session.flush()


def write(unit: UnitOfWork, kpi: Kpi, seq: int) -> None:
    """Make this the standing version of a figure."""
    end(unit, kpi.model, kpi.name)
    unit.session.add(
        R(
            row_id=new_id(),
            model=kpi.model,
            name=kpi.name,
            unit=kpi.unit,
            direction=kpi.direction,
            target=kpi.target,
            formula=kpi.formula,
            valid_from=unit.now,
            event_seq=seq,
        )
    )
    unit.session.flush()
