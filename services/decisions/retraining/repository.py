"""Ticket rows in, tickets out."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from services.decisions.retraining import encoding
from services.decisions.retraining.records import (
    TicketKeyRecord,
    TicketRecord,
    TicketVersionRecord,
)
from services.decisions.retraining.types import Ticket, TicketState
from services.kernel.identity import new_id
from services.record.canonical import plain
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork

T, K, V = TicketRecord, TicketKeyRecord, TicketVersionRecord
_FIELDS = tuple(each.name for each in fields(Ticket))


def _ticket(row: TicketRecord) -> Ticket:
    values: dict[str, Any] = {name: getattr(row, name) for name in _FIELDS}
    values |= {
        "base": encoding.reference(row.base),
        "cause": encoding.cause(row.cause),
        "data": encoding.snapshot(row.data),
        "quote": encoding.quoted(row.quote),
        "spent": encoding.amount(row.spent),
        "state": TicketState(row.state),
    }
    return Ticket(**values)


def by_id(session: Session, ticket_id: str, at: datetime | None = None) -> Ticket | None:
    """Return one ticket as it stands, or stood at an instant."""
    row = session.exec(select(T).where(standing(T, at), col(T.ticket_id) == ticket_id)).first()
    return _ticket(row) if row else None


def find(
    session: Session,
    *,
    model: str | None = None,
    states: Sequence[TicketState] | None = None,
    at: datetime | None = None,
) -> list[Ticket]:
    """Return tickets, newest first."""
    chosen = select(T).where(standing(T, at)).order_by(col(T.ticket_id).desc())
    if model is not None:
        chosen = chosen.where(col(T.model) == model)
    if states is not None:
        chosen = chosen.where(col(T.state).in_([each.value for each in states]))
    return [_ticket(row) for row in session.exec(chosen)]


def past(session: Session, ticket_id: str) -> list[Ticket]:
    """Return every way a ticket ever stood, oldest first."""
    chosen = select(T).where(col(T.ticket_id) == ticket_id).order_by(col(T.event_seq))
    return [_ticket(row) for row in session.exec(chosen)]


def write(unit: UnitOfWork, ticket: Ticket, seq: int) -> Ticket:
    """Store how a ticket stands from now on."""
    held = select(T).where(standing(T), col(T.ticket_id) == ticket.ticket_id)
    for row in unit.session.exec(held):
        close(row, unit.now)
    unit.session.flush()
    values: dict[str, Any] = {name: getattr(ticket, name) for name in _FIELDS}
    values |= {
        "base": asdict(ticket.base) if ticket.base else None,
        "cause": plain(asdict(ticket.cause)),
        "trigger": ticket.cause.trigger.value,
        "parameters": dict(ticket.parameters),
        "data": encoding.facts(ticket.data),
        "quote": encoding.quote(ticket.quote),
        "spent": encoding.money(ticket.spent),
        "state": ticket.state.value,
        "quorum": dict(ticket.quorum),
    }
    unit.session.add(T(row_id=new_id(), valid_from=unit.now, event_seq=seq, **values))
    unit.session.flush()
    return ticket


def of_key(session: Session, key: str) -> str | None:
    """Return the ticket that was opened for a cause, or None."""
    row = session.get(K, key)
    return row.ticket_id if row else None


def keep_key(unit: UnitOfWork, key: str, ticket_id: str) -> None:
    """Remember the cause for which a ticket was opened."""
    unit.session.add(K(key=key, ticket_id=ticket_id))
    unit.session.flush()


def version_of(session: Session, ticket_id: str) -> tuple[int, str] | None:
    """Return number and run of the version that a ticket brought, or None."""
    row = session.get(V, ticket_id)
    return (row.version, row.run_id) if row else None


def ticket_of(session: Session, model: str, version: int, run_id: str) -> str | None:
    """Return the ticket that brought a version, or None."""
    chosen = select(V.ticket_id).where(
        col(V.model) == model, col(V.version) == version, col(V.run_id) == run_id
    )
    return session.exec(chosen).first()


def keep_version(unit: UnitOfWork, ticket: Ticket, version: int, run_id: str, seq: int) -> None:
    """Remember the version that a ticket brought; a second one is refused by the table."""
    unit.session.add(
        V(
            ticket_id=ticket.ticket_id,
            model=ticket.model,
            version=version,
            run_id=run_id,
            event_seq=seq,
        )
    )
    unit.session.flush()
