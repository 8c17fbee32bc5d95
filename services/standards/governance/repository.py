"""Governance rows in, governed models out."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from services.kernel.identity import Tier, new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.governance.records import GovernedModelRecord
from services.standards.governance.types import GovernanceForm, GovernedModel


def _model(row: GovernedModelRecord) -> GovernedModel:
    fields = [name for name in GovernanceForm.__dataclass_fields__ if name != "tier"]
    values: dict[str, Any] = {name: getattr(row, name) for name in fields}
    values["jurisdictions"] = tuple(row.jurisdictions)
    return GovernedModel(**values, tier=Tier(row.tier), since=row.valid_from)


def by_name(session: Session, name: str, at: datetime | None = None) -> GovernedModel | None:
    """Return one governed model, now or at an instant."""
    r = GovernedModelRecord
    row = session.exec(select(r).where(standing(r, at), col(r.name) == name)).first()
    return _model(row) if row else None


def governed(session: Session, at: datetime | None = None) -> list[GovernedModel]:
    """Return all governed models, by name."""
    r = GovernedModelRecord
    rows = session.exec(select(r).where(standing(r, at)).order_by(col(r.name)))
    return [_model(row) for row in rows]


def write(unit: UnitOfWork, form: GovernanceForm, seq: int) -> None:
    """Store how a model is governed from now on."""
    r = GovernedModelRecord
    for row in unit.session.exec(select(r).where(standing(r), col(r.name) == form.name)):
        close(row, unit.now)
    unit.session.flush()
    values: dict[str, Any] = asdict(form)
    values["tier"] = form.tier.value
    values["jurisdictions"] = list(form.jurisdictions)
    unit.session.add(
        GovernedModelRecord(row_id=new_id(), valid_from=unit.now, event_seq=seq, **values)
    )
    unit.session.flush()
