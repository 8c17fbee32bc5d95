"""Events in, events out."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.kernel.identity import Actor, new_id
from services.record.trail.chain import GENESIS, chain_hash, grow, leaf_hash
from services.record.trail.records import TrailEventRecord, TrailHeadRecord, TrailIndexRecord
from services.record.trail.types import TrailEvent


def open_trail(session: Session) -> str:
    """Make the head row of an empty trail and return its log id; keep the one there is."""
    head = session.get(TrailHeadRecord, 1)
    if head is None:
        head = TrailHeadRecord(id=1, log_id=new_id(), size=0, chain_hash=GENESIS, frontier="")
        session.add(head)
        session.flush()
    return head.log_id


def lock_head(session: Session) -> tuple[str, int, str, tuple[str, ...]]:
    """Return log id, size, chain hash and frontier, holding the head until the transaction ends."""
    statement = select(TrailHeadRecord).where(col(TrailHeadRecord.id) == 1).with_for_update()
    head = session.exec(statement.execution_options(populate_existing=True)).one_or_none()
    if head is None:
        return open_trail(session), 0, GENESIS, ()
    return head.log_id, head.size, head.chain_hash, tuple(head.frontier.split())


def append(session: Session, envelope: bytes, event: TrailEvent) -> None:
    """Store one event and move the head to it; the head is locked by the caller."""
    _, size, previous, frontier = lock_head(session)
    leaf = leaf_hash(envelope)
    chained = chain_hash(previous, leaf)
    actor, subject = event.actor, (event.subject_kind, event.subject_id)
    session.execute(
        sa.insert(TrailEventRecord).values(
            seq=event.seq,
            event_id=event.event_id,
            envelope=envelope.decode(),
            leaf_hash=leaf,
            chain_hash=chained,
        )
    )
    session.execute(
        sa.insert(TrailIndexRecord).values(
            seq=event.seq,
            at=event.at,
            action=event.action,
            subject_kind=subject[0],
            subject_id=subject[1],
            actor_kind=actor.kind,
            actor_id=actor.id,
        )
    )
    session.execute(
        sa.update(TrailHeadRecord)
        .where(col(TrailHeadRecord.id) == 1)
        .values(size=size + 1, chain_hash=chained, frontier=" ".join(grow(frontier, size, leaf)))
        .execution_options(synchronize_session=False)
    )


def rows(session: Session, page: int = 2000) -> Iterator[tuple[int, str, str, str, str]]:
    """Yield sequence number, event id, envelope, leaf and chain hash of every event, in order."""
    r = TrailEventRecord
    columns = (col(r.seq), col(r.event_id), col(r.envelope), col(r.leaf_hash), col(r.chain_hash))
    last: int | None = None
    while True:
        statement = sa.select(*columns).order_by(col(r.seq)).limit(page)
        if last is not None:
            statement = statement.where(col(r.seq) > last)
        found = session.execute(statement).all()
        for row in found:
            yield row[0], row[1], row[2], row[3], row[4]
        if len(found) < page:
            return
        last = found[-1][0]


def index_rows(session: Session) -> dict[int, tuple[str, str, str, str, str]]:
    """Return action, subject and actor as indexed, by sequence number."""
    found = session.execute(sa.select(*_index_columns())).all()
    return {row[0]: (row[1], row[2], row[3], row[4], row[5]) for row in found}


def _index_columns() -> tuple[Any, ...]:
    i = TrailIndexRecord
    return (
        col(i.seq), col(i.action), col(i.subject_kind), col(i.subject_id), col(i.actor_kind),
        col(i.actor_id),
    )  # fmt: skip


def search(
    session: Session,
    *,
    action: str | None = None,
    subject: tuple[str, str] | None = None,
    subjects: Sequence[tuple[str, str]] | None = None,
    actor_id: str | None = None,
    before: int | None = None,
    besides: Sequence[str] = (),
    limit: int = 100,
) -> list[TrailEvent]:
    """Return events that match, newest first.

    Parameters
    ----------
    action
        A full action, or a subject's word with a colon (``review:``) for all of its actions.
    subject, subjects
        Kind and id; of several, events about any of them.
    before
        Only events with a smaller sequence number: the cursor of the next page.
    besides
        Beginnings of actions that are left out.
    """
    index, events = TrailIndexRecord, TrailEventRecord
    statement = (
        select(events)
        .join(index, col(index.seq) == col(events.seq))
        .order_by(col(events.seq).desc())
        .limit(limit)
    )
    if action is not None:
        exact = not action.endswith(":")
        word = col(index.action)
        statement = statement.where(word == action if exact else word.startswith(action))
    if subject is not None:
        statement = statement.where(
            col(index.subject_kind) == subject[0], col(index.subject_id) == subject[1]
        )
    if subjects is not None:
        named = sa.tuple_(col(index.subject_kind), col(index.subject_id))
        statement = statement.where(named.in_(list(subjects)))
    if actor_id is not None:
        statement = statement.where(col(index.actor_id) == actor_id)
    for word in besides:
        statement = statement.where(~col(index.action).startswith(word))
    if before is not None:
        statement = statement.where(col(events.seq) < before)
    return [read(row.envelope, row.chain_hash) for row in session.exec(statement)]


def last(session: Session, besides: str) -> int:
    """Return the number of the last event whose action does not begin with a word; 0 when none."""
    index = TrailIndexRecord
    newest = select(index.seq).where(~col(index.action).startswith(besides))
    return session.exec(newest.order_by(col(index.seq).desc()).limit(1)).first() or 0


def by_seqs(session: Session, seqs: Sequence[int]) -> dict[int, TrailEvent]:
    """Return events by sequence number."""
    statement = select(TrailEventRecord).where(col(TrailEventRecord.seq).in_(list(seqs)))
    return {row.seq: read(row.envelope, row.chain_hash) for row in session.exec(statement)}


def read(envelope: str, chained: str) -> TrailEvent:
    """Return the event an envelope holds."""
    held = json.loads(envelope)
    actor = held["actor"]
    return TrailEvent(
        seq=held["seq"],
        event_id=held["id"],
        at=datetime.fromisoformat(held["ts"]),
        actor=Actor(actor["kind"], actor["id"], actor["session"]),
        action=held["action"],
        subject_kind=held["subject"]["kind"],
        subject_id=held["subject"]["id"],
        payload=held["payload"],
        chain_hash=chained,
    )
