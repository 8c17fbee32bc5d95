"""Engines that operators set: tried, then set; switched, removed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from services.kernel.error import Conflict, NotFound
from services.kernel.identity import Actor
from services.people.account.sealing import Seal
from services.people.account.types import Principal
from services.record.task.service import Tasks
from services.record.task.types import Task, TaskState
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.engine import repository
from services.standards.engine.rules import checked, shown
from services.standards.engine.types import Connection, EngineForm, EngineKind, SetEngine

TEST = "engine_test"
TEST_COUNTS_FOR = timedelta(hours=1)


class EngineSettings:
    """The engines on which this deployment may train, beside this machine.

    Parameters
    ----------
    secret
        The deployment's secret; how engines are reached is sealed under a key derived from it.
    """

    def __init__(self, store: Store, authority: Authority, tasks: Tasks, secret: bytes) -> None:
        self._store, self._authority, self._tasks = store, authority, tasks
        self._seal = Seal(secret, "countersign engines/1")

    def all(self, session: Session, at: datetime | None = None) -> list[SetEngine]:
        """Return engines by name, now or at an instant."""
        return repository.engines(session, at)

    def by_name(self, session: Session, name: str) -> SetEngine | None:
        """Return one engine, or None."""
        found = repository.by_name(session, name)
        return found[0] if found else None

    def connection(self, session: Session, name: str) -> Connection:
        """Return how an engine is reached, opened.

        Raises
        ------
        NotFound
            When there is no such engine, or it is switched off.
        """
        engine, sealed = self._require(session, name)
        if not engine.enabled:
            raise NotFound(f"The engine {name!r} is switched off.")
        return self._opened(sealed, f"engine:{name}")

    def connection_of_old(self, session: Session, name: str) -> Connection:
        """Return how an engine is or was last reached, for what still runs there.

        Raises
        ------
        NotFound
            When there never was such an engine.
        """
        sealed = repository.last_sealed(session, name)
        if sealed is None:
            raise NotFound(f"There never was an engine {name!r}.")
        return self._opened(sealed, f"engine:{name}")

    # tried before it is set

    def test(self, principal: Principal, form: EngineForm, key: str) -> Task:
        """Ask that an engine that is not set yet be tried.

        Raises
        ------
        InvalidInput
            When a part of it cannot be used.
        NotPermitted
            When this person manages no engines, or may not let one lead into this network.
        """
        return self._try(principal, checked(form), key)

    def test_again(self, principal: Principal, name: str, key: str) -> Task:
        """Ask that an engine that is set be tried again."""
        with self._store.reading() as session:
            engine, sealed = self._require(session, name)
        return self._try(principal, self._opened(sealed, f"engine:{engine.name}"), key)

    def tried(self, task: Task) -> Connection:
        """Return how the engine of a trial is reached, opened."""
        return self._opened(str(task.payload["sealed"]), f"test:{task.subject_id}")

    def save(self, principal: Principal, task_id: str, *, untested: bool = False) -> SetEngine:
        """Set the engine that was tested, exactly as it was tested; event ``engine:set``.

        Parameters
        ----------
        untested
            Set it although it answered to no trial; that is shown on it from then on.

        Raises
        ------
        Conflict
            When it answered to no trial within the last hour, and untested was not asked for.
        NotFound
            When this person asked for no such test.
        """
        task = self._tasks.get(task_id)
        if task.kind != TEST or task.requested_by != principal.person_id:
            raise NotFound("There is no such trial of yours; try the engine first.")
        connection = self.tried(task)
        self._permit(principal, connection)
        answered = task.finished_at if task.state is TaskState.SUCCEEDED else None
        if answered is None or self._store.clock.now() - answered > TEST_COUNTS_FOR:
            answered = None
            if not untested:
                raise Conflict("It answered to no trial within the last hour; try it, then save.")
        return self.set_as(principal.actor, connection, answered)

    # set, switched, removed

    def set_as(
        self, actor: Actor, connection: Connection, tested_at: datetime | None = None
    ) -> SetEngine:
        """Set an engine for an actor whose right was asked about already; event ``engine:set``."""
        name = connection.name
        with self._store.unit(actor) as unit:
            known = self.by_name(unit.session, name)
            engine = SetEngine(
                name=name,
                kind=connection.kind,
                shown=shown(connection),
                gpu_type=connection.gpu_type,
                allow_private=connection.allow_private,
                enabled=True,
                tested_at=tested_at,
                made_by=actor.id,
                since=unit.now,
            )
            sealed = self._sealed(connection, f"engine:{name}")
            return _written(unit, known, engine, sealed)

    def switch(self, principal: Principal, name: str, *, enabled: bool) -> SetEngine:
        """Switch an engine on or off; event ``engine:set``."""
        self._authority.require(principal, Action.ENGINE_MANAGE)
        with self._store.unit(principal.actor) as unit:
            known, sealed = self._require(unit.session, name)
            engine = replace(known, enabled=enabled, made_by=principal.person_id, since=unit.now)
            return _written(unit, known, engine, sealed)

    def remove(self, principal: Principal, name: str) -> None:
        """Remove an engine; event ``engine:removed``."""
        self._authority.require(principal, Action.ENGINE_MANAGE)
        with self._store.unit(principal.actor) as unit:
            known, _ = self._require(unit.session, name)
            unit.event("engine:removed", ("engine", name), before=_words(known))
            repository.end(unit, name)

    # inside

    def _try(self, principal: Principal, connection: Connection, key: str) -> Task:
        self._permit(principal, connection)
        name = connection.name
        sealed = self._sealed(connection, f"test:{name}")
        with self._store.operational() as session:
            return self._tasks.request(
                session,
                TEST,
                ("engine", name),
                {"sealed": sealed},
                requested_by=principal.person_id,
                key=f"{TEST}:{key}",
            )

    def _permit(self, principal: Principal, connection: Connection) -> None:
        self._authority.require(principal, Action.ENGINE_MANAGE)
        if connection.allow_private:
            self._authority.require(principal, Action.ENGINE_PRIVATE)

    def _require(self, session: Session, name: str) -> tuple[SetEngine, str]:
        found = repository.by_name(session, name)
        if found is None:
            raise NotFound(f"There is no engine {name!r} (any more).")
        return found

    def _sealed(self, connection: Connection, bound: str) -> str:
        return self._seal.seal(json.dumps(asdict(connection)), bound)

    def _opened(self, sealed: str, bound: str) -> Connection:
        held: dict[str, Any] = json.loads(self._seal.open(sealed, bound))
        held["kind"] = EngineKind(held["kind"])
        return Connection(**held)


def _written(
    unit: UnitOfWork, known: SetEngine | None, engine: SetEngine, sealed: str
) -> SetEngine:
    seq = unit.event(
        "engine:set",
        ("engine", engine.name),
        before=_words(known) if known else None,
        after=_words(engine),
    )
    repository.write(unit, engine, sealed, seq)
    return engine


def _words(engine: SetEngine) -> Mapping[str, object]:
    """Return what the trail says of an engine: no host, no address, no end of a secret."""
    return {
        "kind": engine.kind.value,
        "gpu_type": engine.gpu_type,
        "allow_private": engine.allow_private,
        "enabled": engine.enabled,
        "tested_at": engine.tested_at,
    }
