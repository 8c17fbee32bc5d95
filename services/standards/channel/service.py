"""Channels: tried, then set; switched, removed; and asking that somebody be told."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from services.kernel.error import Conflict, InvalidInput, NotFound
from services.kernel.identity import Actor
from services.people.account.sealing import Seal
from services.people.account.types import Principal
from services.record.task.service import Tasks
from services.record.task.types import Task, TaskState
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.channel import repository
from services.standards.channel.rules import checked, shown
from services.standards.channel.types import (
    EVENTS,
    Channel,
    ChannelForm,
    Destination,
    Kind,
    Message,
)

TEST = "channel_test"
TOLD = "notification"
TEST_COUNTS_FOR = timedelta(hours=1)


class Channels:
    """The ways in which this deployment tells somebody.

    Parameters
    ----------
    secret
        The deployment's secret; where channels lead is sealed under a key derived from it.
    """

    def __init__(self, store: Store, authority: Authority, tasks: Tasks, secret: bytes) -> None:
        self._store, self._authority, self._tasks = store, authority, tasks
        self._seal = Seal(secret, "countersign channels/1")

    def all(self, session: Session, at: datetime | None = None) -> list[Channel]:
        """Return channels by name, now or at an instant."""
        return repository.channels(session, at)

    def by_name(self, session: Session, name: str) -> Channel | None:
        """Return one channel, or None."""
        found = repository.by_name(session, name)
        return found[0] if found else None

    def destination(self, session: Session, name: str) -> Destination:
        """Return where a channel leads, opened.

        Raises
        ------
        NotFound
            When there is no such channel, or it is switched off.
        """
        channel, sealed = self._require(session, name)
        if not channel.enabled:
            raise NotFound(f"The channel {name!r} is switched off.")
        return self._opened(sealed, f"channel:{name}")

    # tried before it is set

    def test(self, principal: Principal, form: ChannelForm, key: str) -> Task:
        """Ask that a test message be sent to a channel that is not set yet.

        Raises
        ------
        InvalidInput
            When a part of it cannot be used.
        NotPermitted
            When this person manages no channels, or may not let one lead into this network.
        """
        return self._try(principal, checked(form), key)

    def test_again(self, principal: Principal, name: str, key: str) -> Task:
        """Ask that a test message be sent to a channel that is set."""
        with self._store.reading() as session:
            channel, sealed = self._require(session, name)
        return self._try(principal, self._opened(sealed, f"channel:{channel.name}"), key)

    def tried(self, task: Task) -> Destination:
        """Return where the channel of a test leads, opened."""
        return self._opened(str(task.payload["sealed"]), f"test:{task.subject_id}")

    def save(self, principal: Principal, task_id: str, *, untested: bool = False) -> Channel:
        """Set the channel that was tested, exactly as it was tested; event ``channel:set``.

        Parameters
        ----------
        untested
            Set it although no test message arrived; that is shown on it from then on.

        Raises
        ------
        Conflict
            When no test message arrived within the last hour, and untested was not asked for.
        NotFound
            When this person asked for no such test.
        """
        task = self._tasks.get(task_id)
        if task.kind != TEST or task.requested_by != principal.person_id:
            raise NotFound("There is no such test of yours; send a test message first.")
        destination = self.tried(task)
        self._permit(principal, destination)
        arrived = task.finished_at if task.state is TaskState.SUCCEEDED else None
        if arrived is None or self._store.clock.now() - arrived > TEST_COUNTS_FOR:
            arrived = None
            if not untested:
                raise Conflict("No test message arrived within the last hour; send one, then save.")
        return self.set_as(principal.actor, destination, arrived)

    # set, switched, removed

    def set_as(
        self, actor: Actor, destination: Destination, tested_at: datetime | None = None
    ) -> Channel:
        """Set a channel for an actor whose right was asked about already; event ``channel:set``."""
        name = destination.name
        with self._store.unit(actor) as unit:
            known = self.by_name(unit.session, name)
            channel = Channel(
                name=name,
                kind=destination.kind,
                shown=shown(destination),
                allow_private=destination.allow_private,
                enabled=True,
                tested_at=tested_at,
                made_by=actor.id,
                since=unit.now,
            )
            sealed = self._sealed(destination, f"channel:{name}")
            return _written(unit, known, channel, sealed)

    def switch(self, principal: Principal, name: str, *, enabled: bool) -> Channel:
        """Switch a channel on or off; event ``channel:set``."""
        self._authority.require(principal, Action.CHANNEL_MANAGE)
        with self._store.unit(principal.actor) as unit:
            known, sealed = self._require(unit.session, name)
            channel = replace(known, enabled=enabled, made_by=principal.person_id, since=unit.now)
            return _written(unit, known, channel, sealed)

    def remove(self, principal: Principal, name: str) -> None:
        """Remove a channel; event ``channel:removed``."""
        self._authority.require(principal, Action.CHANNEL_MANAGE)
        with self._store.unit(principal.actor) as unit:
            known, _ = self._require(unit.session, name)
            unit.event("channel:removed", ("channel", name), before=_words(known))
            repository.end(unit, name)

    # telling

    def tell(
        self,
        session: Session,
        name: str,
        message: Message,
        *,
        event: str = "told",
        subject: tuple[str, str],
        requested_by: str,
        key: str,
    ) -> Task:
        """Ask inside the caller's transaction that a message be sent.

        Parameters
        ----------
        key
            The same key again is the same wish, whoever asks.

        Raises
        ------
        InvalidInput
            For an event that is none of ``EVENTS``.
        """
        if event not in EVENTS:
            raise InvalidInput(f"{event!r} is nothing that a message says.")
        return self._tasks.request(
            session,
            TOLD,
            subject,
            {"channel": name, "event": event, "message": asdict(message), "partition": name},
            requested_by=requested_by,
            key=key,
        )

    # inside

    def _try(self, principal: Principal, destination: Destination, key: str) -> Task:
        self._permit(principal, destination)
        name = destination.name
        sealed = self._sealed(destination, f"test:{name}")
        with self._store.operational() as session:
            return self._tasks.request(
                session,
                TEST,
                ("channel", name),
                {"sealed": sealed},
                requested_by=principal.person_id,
                key=f"{TEST}:{key}",
            )

    def _permit(self, principal: Principal, destination: Destination) -> None:
        self._authority.require(principal, Action.CHANNEL_MANAGE)
        if destination.allow_private:
            self._authority.require(principal, Action.CHANNEL_PRIVATE)

    def _require(self, session: Session, name: str) -> tuple[Channel, str]:
        found = repository.by_name(session, name)
        if found is None:
            raise NotFound(f"There is no channel {name!r} (any more).")
        return found

    def _sealed(self, destination: Destination, bound: str) -> str:
        return self._seal.seal(json.dumps(asdict(destination)), bound)

    def _opened(self, sealed: str, bound: str) -> Destination:
        held: dict[str, Any] = json.loads(self._seal.open(sealed, bound))
        held["kind"] = Kind(held["kind"])
        return Destination(**held)


def _written(unit: UnitOfWork, known: Channel | None, channel: Channel, sealed: str) -> Channel:
    seq = unit.event(
        "channel:set",
        ("channel", channel.name),
        before=_words(known) if known else None,
        after=_words(channel),
    )
    repository.write(unit, channel, sealed, seq)
    return channel


def _words(channel: Channel) -> Mapping[str, object]:
    """Return what the trail says of a channel: no host, no address, no end of a secret."""
    return {
        "kind": channel.kind.value,
        "allow_private": channel.allow_private,
        "enabled": channel.enabled,
        "tested_at": channel.tested_at,
    }
