"""Transactions: reading, governed work that must leave an event, operational work that may not govern."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.kernel.clock import Clock
from services.kernel.error import InvalidInput, UnrecordedChange
from services.kernel.identity import Actor, new_id
from services.record.canonical import canonical, plain
from services.record.storage.database import Database
from services.record.storage.operational import OPERATIONAL
from services.record.trail import repository
from services.record.trail.actions import ACTIONS
from services.record.trail.types import TrailEvent

ENVELOPE_LIMIT = 64 * 1024
TRAIL_TABLES = frozenset({"trail_event", "trail_head", "trail_index"})


@dataclass
class UnitOfWork:
    """One governed transaction at one instant, by one actor.

    Attributes
    ----------
    now
        The instant of the whole unit, aware, in UTC.
    """

    session: Session
    actor: Actor
    now: datetime
    events: int = 0

    def event(self, action: str, subject: tuple[str, str], **payload: Any) -> int:
        """Append what happened to the trail and return its sequence number.

        Parameters
        ----------
        action
            ``subject:past_tense``, one of the closed list.
        subject
            Kind and id of what it happened to.
        payload
            Ids, digests, numbers and states. Names, addresses and free text about people do not
            belong in clear.

        Raises
        ------
        InvalidInput
            For an unknown action, or a payload above 64 KiB.
        """
        if action not in ACTIONS:
            raise InvalidInput(f"{action!r} is not a word of the trail.")
        log_id, size, _, _ = repository.lock_head(self.session)
        event = TrailEvent(
            seq=size + 1,
            event_id=new_id(),
            at=self.now,
            actor=self.actor,
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            payload=plain(payload),
            chain_hash="",
        )
        envelope = _envelope(log_id, event)
        if len(envelope) > ENVELOPE_LIMIT:
            raise InvalidInput("The event is larger than 64 KiB; archive its payload by digest.")
        repository.append(self.session, envelope, event)
        self.events += 1
        return event.seq


def _envelope(log_id: str, event: TrailEvent) -> bytes:
    actor = event.actor
    return canonical(
        {
            "v": 1,
            "log": log_id,
            "seq": event.seq,
            "id": event.event_id,
            "ts": event.at,
            "actor": {"kind": actor.kind, "id": actor.id, "session": actor.session},
            "action": event.action,
            "subject": {"kind": event.subject_kind, "id": event.subject_id},
            "payload": event.payload,
        }
    )


class Store:
    """The door to the governance database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with self.database.reading() as session:
            yield session

    @contextmanager
    def unit(self, actor: Actor) -> Iterator[UnitOfWork]:
        """Open a governed transaction; it commits when left without an error.

        Raises
        ------
        UnrecordedChange
            When a governed row changed and no event was appended; nothing is stored.
        """
        with self.database.writing() as session:
            unit = UnitOfWork(session, actor, self.clock.now())
            yield unit
            session.flush()
            governed = _touched(session) - OPERATIONAL - TRAIL_TABLES
            if governed and not unit.events:
                raise UnrecordedChange(
                    "A change without an entry in the audit trail was refused; nothing was stored.",
                    tables=sorted(governed),
                )

    @contextmanager
    def operational(self) -> Iterator[Session]:
        """Open a transaction over operational tables alone.

        Raises
        ------
        UnrecordedChange
            When any other table was written to; nothing is stored.
        """
        with self.database.writing() as session:
            yield session
            session.flush()
            governed = _touched(session) - OPERATIONAL
            if governed:
                raise UnrecordedChange(
                    "A governed table was changed as if it were operational; nothing was stored.",
                    tables=sorted(governed),
                )


def _touched(session: Session) -> set[str]:
    return set(session.connection().info.get("touched", ()))
