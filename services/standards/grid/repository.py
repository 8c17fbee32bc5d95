"""Rows of factors in, their nouns out."""

from decimal import Decimal

from sqlmodel import Session, col, select

from services.record.trail.unit_of_work import UnitOfWork
from services.standards.grid.records import GridFactorRecord
from services.standards.grid.types import GridFactor

R = GridFactorRecord


def factors(session: Session) -> list[GridFactor]:
    """Return every factor by region and date."""
    rows = session.exec(select(R).order_by(col(R.region), col(R.starts_at), col(R.grid_id)))
    return [
        GridFactor(
            row.grid_id, row.region, Decimal(row.kg_per_kwh), row.starts_at, row.source, row.sample,
            row.published_by, row.published_at,
        )
        for row in rows
    ]  # fmt: skip


def add(unit: UnitOfWork, factor: GridFactor, seq: int) -> None:
    """Store a factor."""
    unit.session.add(
        R(
            grid_id=factor.grid_id,
            region=factor.region,
            kg_per_kwh=str(factor.kg_per_kwh),
            starts_at=factor.starts_at,
            source=factor.source,
            sample=factor.sample,
            published_by=factor.published_by,
            published_at=factor.published_at,
            event_seq=seq,
        )
    )
    unit.session.flush()
