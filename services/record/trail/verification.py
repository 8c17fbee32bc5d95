"""Reading the whole trail again and recomputing every hash."""

import json
from datetime import datetime
from itertools import count

from sqlmodel import Session

from services.kernel.error import InvalidInput
from services.record.canonical import canonical
from services.record.trail import repository
from services.record.trail.chain import GENESIS, chain_hash, grow, leaf_hash, root_hash
from services.record.trail.types import TrailState


def verify(session: Session, at: datetime) -> TrailState:
    """Recompute the trail from its stored bytes and compare it with hashes, head and index.

    Notes
    -----
    Finds every change inside the trail. What was cut off its end together with the head, and a
    rewriting of everything with all hashes, needs a copy of the head kept elsewhere.

    Returns
    -------
    TrailState
        ``broken_at`` is None when nothing is wrong.
    """
    log_id, size, head_chain, head_frontier = _head(session)
    index = repository.index_rows(session)
    chained, frontier, done = GENESIS, (), 0
    for expected, row in zip(count(1), repository.rows(session), strict=False):
        reason = _wrong(row, expected, log_id, chained) or _misindexed(row, index)
        if reason:
            return TrailState(done, expected, reason, root_hash(frontier), chained, at)
        frontier = grow(frontier, done, row[3])
        chained, done = row[4], done + 1
    if (size, head_chain, head_frontier) != (done, chained, frontier):
        reason = f"the head says {size} events, the trail has {done}, or they end differently"
        return TrailState(done, done + 1, reason, root_hash(frontier), chained, at)
    return TrailState(done, None, "", root_hash(frontier), chained, at)


def _head(session: Session) -> tuple[str, int, str, tuple[str, ...]]:
    from services.record.trail.records import TrailHeadRecord

    head = session.get(TrailHeadRecord, 1)
    if head is None:
        return "", 0, GENESIS, ()
    return head.log_id, head.size, head.chain_hash, tuple(head.frontier.split())


def _wrong(row: tuple[int, str, str, str, str], expected: int, log_id: str, chained: str) -> str:
    seq, event_id, envelope, leaf, chain = row
    try:
        held = json.loads(envelope)
        if not isinstance(held, dict) or canonical(held).decode() != envelope:
            return "its envelope is not in canonical form"
    except (ValueError, InvalidInput, RecursionError):
        return "its envelope cannot be read"
    if (seq, held.get("seq")) != (expected, expected):
        return f"number {expected} is missing or out of place"
    if held.get("log") != log_id or held.get("id") != event_id:
        return "it belongs to another trail or another event"
    if leaf_hash(envelope.encode()) != leaf:
        return "its content was changed"
    return "" if chain_hash(chained, leaf) == chain else "it is not chained to the one before"


def _misindexed(
    row: tuple[int, str, str, str, str], index: dict[int, tuple[str, str, str, str, str]]
) -> str:
    held = json.loads(row[2])
    subject, actor = held["subject"], held["actor"]
    said = (held["action"], subject["kind"], subject["id"], actor["kind"], actor["id"])
    return "" if index.get(row[0]) == said else "its search index says something else"
