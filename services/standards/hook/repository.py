"""Rows of webhooks in, webhooks out; what is sealed leaves sealed."""

from datetime import datetime

from sqlmodel import Session, col, select

from services.kernel.identity import new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.hook.records import HookHeardRecord, HookRecord
from services.standards.hook.types import Hook, Style

R, H = HookRecord, HookHeardRecord


def _hook(session: Session, row: HookRecord) -> Hook:
    heard = session.get(H, row.name)
    return Hook(
        row.name, Style(row.style), row.repository, row.address, row.made_by, row.valid_from,
        heard.heard_at if heard else None,
    )  # fmt: skip


def hooks(session: Session, at: datetime | None = None) -> list[Hook]:
    """Return webhooks by name, now or at an instant."""
    rows = session.exec(select(R).where(standing(R, at)).order_by(col(R.name)))
    return [_hook(session, row) for row in rows]


def by_name(session: Session, name: str) -> tuple[Hook, str] | None:
    """Return a webhook and its sealed secret; or None."""
    row = session.exec(select(R).where(standing(R), col(R.name) == name)).first()
    return (_hook(session, row), row.sealed) if row else None


def end(unit: UnitOfWork, name: str) -> None:
    """End the standing version of a webhook."""
    for row in unit.session.exec(select(R).where(standing(R), col(R.name) == name)):
        close(row, unit.now)
    unit.session.flush()


def write(unit: UnitOfWork, hook: Hook, sealed: str, seq: int) -> None:
    """Make this the standing version of a webhook."""
    end(unit, hook.name)
    unit.session.add(
        R(
            row_id=new_id(), name=hook.name, style=hook.style.value, repository=hook.repository,
            address=hook.address, sealed=sealed, made_by=hook.made_by, valid_from=unit.now,
            event_seq=seq,
        )
    )  # fmt: skip
    unit.session.flush()


def hear(session: Session, name: str, now: datetime) -> None:
    """Note that a webhook was heard."""
    session.merge(H(name=name, heard_at=now))
    session.flush()
