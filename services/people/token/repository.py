"""API tokens in the database: rows in, types out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.people.token.records import ApiAnswerRecord, ApiTokenRecord, ApiTokenSeenRecord
from services.people.token.types import Answer, Token
from services.record.storage.history import standing


def add(session: Session, token: Token, sha256: str, event_seq: int) -> None:
    """Store a new token by the digest of its text."""
    session.add(
        ApiTokenRecord(
            token_id=token.token_id,
            token_sha256=sha256,
            name=token.name,
            scopes=sorted(token.scopes),
            person_id=token.person_id,
            expires_at=token.expires_at,
            valid_from=token.created_at,
            event_seq=event_seq,
        )
    )


def tokens(session: Session, *where: Any) -> Sequence[Token]:
    """Return tokens that were not revoked, newest first; they may have expired."""
    r, s = ApiTokenRecord, ApiTokenSeenRecord
    statement = (
        select(r, col(s.seen_at))
        .outerjoin(s, col(s.token_id) == col(r.token_id))
        .where(standing(r), *where)
        .order_by(col(r.valid_from).desc())
    )
    return [
        Token(
            token_id=row.token_id,
            name=row.name,
            scopes=frozenset(row.scopes),
            person_id=row.person_id,
            created_at=row.valid_from,
            expires_at=row.expires_at,
            used_at=seen_at,
        )
        for row, seen_at in session.exec(statement)
    ]


def by_sha256(session: Session, sha256: str) -> Token | None:
    """Return the standing token with a digest, or None."""
    found = tokens(session, col(ApiTokenRecord.token_sha256) == sha256)
    return found[0] if found else None


def end(session: Session, token_id: str, now: datetime) -> bool:
    """Revoke a token; False when it was not standing."""
    statement = (
        sa.update(ApiTokenRecord)
        .where(col(ApiTokenRecord.token_id) == token_id, standing(ApiTokenRecord))
        .values(valid_to=now)
    )
    result: Any = session.execute(statement)
    return result.rowcount == 1


def saw(session: Session, token_id: str, now: datetime) -> None:
    """Note that a token was used."""
    row = session.get(ApiTokenSeenRecord, token_id)
    if row is None:
        row = ApiTokenSeenRecord(token_id=token_id, seen_at=now)
    row.seen_at = now
    session.add(row)


def answer(session: Session, answer_id: str) -> tuple[str, Answer] | None:
    """Return digest of the request and the answer under a key, or None."""
    row = session.get(ApiAnswerRecord, answer_id)
    return (row.request_sha256, Answer(row.status, row.body)) if row else None


def begin_answer(session: Session, answer_id: str, request_sha256: str, now: datetime) -> None:
    """Store that a request under a key is at work."""
    session.add(
        ApiAnswerRecord(
            answer_id=answer_id, request_sha256=request_sha256, status=0, body="", at=now
        )
    )


def finish_answer(session: Session, answer_id: str, given: Answer | None) -> None:
    """Store what was answered; None forgets the key, so that it can be tried again."""
    row = session.get(ApiAnswerRecord, answer_id)
    if row is None:
        return
    if given is None:
        session.delete(row)
        return
    row.status = given.status
    row.body = given.body
    session.add(row)
