"""Policy rows in, policies out."""

from datetime import datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.policy.records import PolicyRecord
from services.standards.policy.rules import parse
from services.standards.policy.types import Policy, Published


@lru_cache(maxsize=256)
def _parsed(text: str) -> Policy:
    return parse(text.encode())


def _published(row: PolicyRecord) -> Published:
    return Published(_parsed(row.text), row.text, row.published_by, row.valid_from, row.valid_to)


def standing_policies(session: Session, at: datetime | None = None) -> list[Published]:
    """Return the policies in force, now or at an instant, by name."""
    statement = select(PolicyRecord).where(standing(PolicyRecord, at))
    rows = session.exec(statement.order_by(col(PolicyRecord.policy_id)))
    return [_published(row) for row in rows]


def by_sha256(session: Session, sha256: str) -> Published | None:
    """Return one policy, in force or not."""
    row = session.get(PolicyRecord, sha256)
    return _published(row) if row else None


def versions(session: Session, policy_id: str) -> list[Published]:
    """Return every version of a policy, newest first."""
    statement = select(PolicyRecord).where(col(PolicyRecord.policy_id) == policy_id)
    rows = session.exec(statement.order_by(col(PolicyRecord.version).desc()))
    return [_published(row) for row in rows]


def add(unit: UnitOfWork, policy: Policy, text: str, published_by: str, seq: int) -> None:
    """Put a policy in force and end the one it follows."""
    r = PolicyRecord
    before = unit.session.exec(select(r).where(standing(r), col(r.policy_id) == policy.policy_id))
    for row in before:
        close(row, unit.now)
    unit.session.add(
        PolicyRecord(
            sha256=policy.sha256,
            policy_id=policy.policy_id,
            version=policy.version,
            text=text,
            published_by=published_by,
            valid_from=unit.now,
            event_seq=seq,
        )
    )
    unit.session.flush()
