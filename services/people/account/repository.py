"""Accounts in the database: rows in, types out."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.kernel.identity import Role, new_id
from services.people.account.records import (
    PersonKeyRecord,
    PersonRecord,
    RoleGrantRecord,
    SignInLinkRecord,
)
from services.people.account.types import Grant, Person
from services.record.storage.history import close, standing


def _person(row: PersonRecord) -> Person:
    return Person(
        person_id=row.person_id,
        email=row.email,
        name=row.name,
        active=row.active,
        external_names=tuple(row.external_names),
        teams=tuple(row.teams),
    )


def people(session: Session, at: datetime | None = None, *where: Any) -> list[Person]:
    """Return people by name, as they stood at an instant."""
    statement = select(PersonRecord).where(standing(PersonRecord, at), *where)
    return [_person(row) for row in session.exec(statement.order_by(col(PersonRecord.name)))]


def by_id(session: Session, person_id: str, at: datetime | None = None) -> Person | None:
    """Return one person, or None."""
    found = people(session, at, col(PersonRecord.person_id) == person_id)
    return found[0] if found else None


def by_email(session: Session, email: str) -> Person | None:
    """Return the person with an address in lower case, or None."""
    found = people(session, None, col(PersonRecord.email) == email)
    return found[0] if found else None


def write_person(session: Session, person: Person, now: datetime, event_seq: int) -> None:
    """Make this the standing version of a person; the one before ends now."""
    before = select(PersonRecord).where(
        standing(PersonRecord), col(PersonRecord.person_id) == person.person_id
    )
    for row in session.exec(before):
        close(row, now)
        session.add(row)
    session.flush()
    session.add(
        PersonRecord(
            row_id=new_id(),
            person_id=person.person_id,
            email=person.email,
            name=person.name,
            active=person.active,
            external_names=list(person.external_names),
            teams=list(person.teams),
            valid_from=now,
            event_seq=event_seq,
        )
    )


def grants(
    session: Session, person_id: str | None = None, at: datetime | None = None
) -> tuple[Grant, ...]:
    """Return the roles that one person, or everybody, holds."""
    statement = select(RoleGrantRecord).where(standing(RoleGrantRecord, at))
    if person_id is not None:
        statement = statement.where(col(RoleGrantRecord.person_id) == person_id)
    rows = session.exec(statement.order_by(col(RoleGrantRecord.row_id)))
    return tuple(Grant(r.person_id, Role(r.role), r.scope_kind, r.scope_id) for r in rows)


def add_grant(session: Session, grant: Grant, now: datetime, event_seq: int) -> None:
    """Store a role held from now on."""
    session.add(
        RoleGrantRecord(
            row_id=new_id(),
            person_id=grant.person_id,
            role=grant.role.value,
            scope_kind=grant.scope_kind,
            scope_id=grant.scope_id,
            valid_from=now,
            event_seq=event_seq,
        )
    )


def end_grant(session: Session, grant: Grant, now: datetime) -> None:
    """End a role held until now."""
    r = RoleGrantRecord
    statement = select(r).where(
        standing(r),
        col(r.person_id) == grant.person_id,
        col(r.role) == grant.role.value,
        col(r.scope_kind) == grant.scope_kind,
        col(r.scope_id) == grant.scope_id,
    )
    for row in session.exec(statement):
        close(row, now)
        session.add(row)


def add_key(session: Session, key_id: str, person_id: str, wrapped: str) -> None:
    """Store a person's wrapped key."""
    session.add(PersonKeyRecord(key_id=key_id, person_id=person_id, wrapped=wrapped))


def key_of(session: Session, person_id: str) -> tuple[str, str] | None:
    """Return id and wrapped key of a person, or None when it was destroyed."""
    statement = select(PersonKeyRecord).where(col(PersonKeyRecord.person_id) == person_id)
    row = session.exec(statement).first()
    return (row.key_id, row.wrapped) if row else None


def wrapped_key(session: Session, key_id: str) -> str | None:
    """Return a wrapped key by its id, or None when it was destroyed."""
    row = session.get(PersonKeyRecord, key_id)
    return row.wrapped if row else None


def add_link(
    session: Session, sha256: str, person_id: str, lasts: tuple[datetime, datetime], event_seq: int
) -> None:
    """Store a link by the digest of its token; it lasts from one instant to another."""
    session.add(
        SignInLinkRecord(
            token_sha256=sha256,
            person_id=person_id,
            expires_at=lasts[1],
            valid_from=lasts[0],
            event_seq=event_seq,
        )
    )


def end_links(session: Session, person_id: str, now: datetime) -> None:
    """End every link of a person."""
    statement = (
        sa.update(SignInLinkRecord)
        .where(col(SignInLinkRecord.person_id) == person_id, standing(SignInLinkRecord))
        .values(valid_to=now)
    )
    session.execute(statement)


def person_of_link(session: Session, sha256: str, now: datetime) -> Person | None:
    """Return the active person to whom a standing link belongs, or None."""
    row = session.get(SignInLinkRecord, sha256)
    if row is None or row.valid_to is not None or row.expires_at <= now:
        return None
    person = by_id(session, row.person_id)
    return person if person and person.active else None


def use_link(session: Session, sha256: str, now: datetime) -> bool:
    """End a standing link; False when somebody else was faster."""
    r = SignInLinkRecord
    statement = (
        sa.update(r)
        .where(col(r.token_sha256) == sha256, standing(r), col(r.expires_at) > now)
        .values(valid_to=now)
    )
    result: Any = session.execute(statement)
    return result.rowcount == 1
