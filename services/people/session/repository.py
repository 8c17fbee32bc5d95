"""Sessions in the database: rows in, types out."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.people.session.records import (
    AuthEventRecord,
    CredentialRecord,
    SessionRecord,
    SessionSeenRecord,
    SignInCounterRecord,
)
from services.people.session.types import AuthEvent, OpenSession
from services.record.storage.history import standing


def credential(session: Session, person_id: str) -> str | None:
    """Return a person's password hash, or None when none was chosen yet."""
    row = session.get(CredentialRecord, person_id)
    return row.password_hash if row else None


def set_credential(session: Session, person_id: str, password_hash: str, now: datetime) -> None:
    """Replace a person's password hash."""
    row = session.get(CredentialRecord, person_id)
    if row is None:
        row = CredentialRecord(person_id=person_id, password_hash=password_hash, chosen_at=now)
    row.password_hash = password_hash
    row.chosen_at = now
    session.add(row)


def add(session: Session, opened: OpenSession, event_seq: int) -> None:
    """Store a session that was just opened."""
    session.add(
        SessionRecord(
            session_id=opened.session_id,
            person_id=opened.person_id,
            method=opened.method,
            expires_at=opened.expires_at,
            valid_from=opened.opened_at,
            event_seq=event_seq,
        )
    )
    session.add(SessionSeenRecord(session_id=opened.session_id, seen_at=opened.seen_at))


def standing_sessions(session: Session, *where: Any) -> list[OpenSession]:
    """Return sessions that were not revoked, newest first; they may have expired."""
    r, s = SessionRecord, SessionSeenRecord
    statement = (
        select(r, col(s.seen_at))
        .outerjoin(s, col(s.session_id) == col(r.session_id))
        .where(standing(r), *where)
        .order_by(col(r.valid_from).desc())
    )
    return [
        OpenSession(
            session_id=row.session_id,
            person_id=row.person_id,
            method=row.method,
            opened_at=row.valid_from,
            expires_at=row.expires_at,
            seen_at=seen_at or row.valid_from,
        )
        for row, seen_at in session.exec(statement)
    ]


def by_ids(session: Session, session_ids: Collection[str]) -> list[OpenSession]:
    """Return those of the sessions that were not revoked."""
    return standing_sessions(session, col(SessionRecord.session_id).in_(list(session_ids)))


def of_person(session: Session, person_id: str) -> list[OpenSession]:
    """Return a person's sessions that were not revoked."""
    return standing_sessions(session, col(SessionRecord.person_id) == person_id)


def end(session: Session, session_id: str, now: datetime) -> bool:
    """Revoke a session; False when it was not standing."""
    statement = (
        sa.update(SessionRecord)
        .where(col(SessionRecord.session_id) == session_id, standing(SessionRecord))
        .values(valid_to=now)
    )
    return _changed(session, statement) == 1


def saw(session: Session, session_id: str, now: datetime) -> None:
    """Note that a session was used."""
    session.execute(
        sa.update(SessionSeenRecord)
        .where(col(SessionSeenRecord.session_id) == session_id)
        .values(seen_at=now)
    )


def add_auth_event(session: Session, auth: AuthEvent, event_seq: int) -> None:
    """Store a proof of identity."""
    session.add(
        AuthEventRecord(
            auth_event_id=auth.auth_event_id,
            person_id=auth.person_id,
            session_id=auth.session_id,
            at=auth.at,
            method=auth.method,
            components=auth.components,
            event_seq=event_seq,
        )
    )


def auth_event(session: Session, auth_event_id: str) -> AuthEvent | None:
    """Return a proof of identity, or None."""
    row = session.get(AuthEventRecord, auth_event_id)
    if row is None:
        return None
    return AuthEvent(
        auth_event_id=row.auth_event_id,
        person_id=row.person_id,
        session_id=row.session_id,
        at=row.at,
        method=row.method,
        components=row.components,
    )


def failures(session: Session, counter_id: str) -> tuple[int, datetime] | None:
    """Return wrong passwords in a row and the instant of the last, or None."""
    row = session.get(SignInCounterRecord, counter_id)
    return (row.failures, row.failed_at) if row else None


def set_failures(session: Session, counter_id: str, count: int, now: datetime) -> None:
    """Store wrong passwords in a row; zero forgets the counter."""
    row = session.get(SignInCounterRecord, counter_id)
    if count <= 0:
        if row is not None:
            session.delete(row)
        return
    if row is None:
        row = SignInCounterRecord(counter_id=counter_id, failures=count, failed_at=now)
    row.failures = count
    row.failed_at = now
    session.add(row)


def _changed(session: Session, statement: sa.Update) -> int:
    result: Any = session.execute(statement)
    return int(result.rowcount)
