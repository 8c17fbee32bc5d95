"""Engines that operators set, on each database: tried first, sealed at rest, and silent about it."""

from typing import Any

import pytest
import sqlalchemy as sa

from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, IntegrityBroken, NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.people.account.types import Grant, Principal
from services.record.task.service import Tasks
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.engine.rules import checked
from services.standards.engine.service import EngineSettings
from services.standards.engine.types import EngineForm, EngineKind

URL = "https://ray.example.org:8265"
FORM = EngineForm(
    "ops", EngineKind.RAY, {"url": URL, "token": "secret-words-3f9a", "gpu_type": "a100"}
)
INSIDE = EngineForm("inside", EngineKind.RAY, {"url": "http://127.0.0.1:1"}, allow_private=True)
SECRET = b"a secret of this deployment, 32 b"


@pytest.fixture
def tasks(store: Store) -> Tasks:
    return Tasks(store)


@pytest.fixture
def engines(store: Store, tasks: Tasks) -> EngineSettings:
    return EngineSettings(store, Authority(), tasks, SECRET)


def holding(clock: FixedClock, role: Role, name: str = "pat") -> Principal:
    grants = (Grant(name, role),)
    return Principal(name, name.title(), f"{name}@example.org", grants, (), "s", clock.now())


@pytest.fixture
def operator(clock: FixedClock) -> Principal:
    return holding(clock, Role.OPERATOR)


def answered(tasks: Tasks, task_id: str) -> None:
    assert tasks.start(task_id)
    tasks.succeed(task_id, {})


def everything(store: Store) -> str:
    """Return all that stands in the database, as text."""
    with store.reading() as session:
        connection = session.connection()
        names = sa.inspect(connection).get_table_names()
        return "".join(
            str(tuple(row)) for name in names for row in connection.exec_driver_sql(f"SELECT * FROM {name}")
        )  # fmt: skip


def test_an_engine_is_set_after_it_answered(
    store: Store, engines: EngineSettings, tasks: Tasks, operator: Principal
) -> None:
    task = engines.test(operator, FORM, "k1")
    assert engines.test(operator, FORM, "k1").task_id == task.task_id
    with pytest.raises(Conflict, match="answered to no trial"):
        engines.save(operator, task.task_id)
    assert engines.tried(task).url == URL
    answered(tasks, task.task_id)
    made = engines.save(operator, task.task_id)
    assert made.tested_at is not None
    with store.reading() as session:
        assert engines.all(session) == [made]
        assert engines.connection(session, "ops").url == URL


def test_saved_untested_says_so(engines: EngineSettings, tasks: Tasks, operator: Principal) -> None:
    task = engines.test(operator, FORM, "k1")
    assert engines.save(operator, task.task_id, untested=True).tested_at is None
    again = engines.test_again(operator, "ops", "k2")
    answered(tasks, again.task_id)
    assert engines.save(operator, again.task_id).tested_at is not None


def test_a_test_counts_for_an_hour_and_for_who_asked(
    engines: EngineSettings, tasks: Tasks, operator: Principal, clock: FixedClock
) -> None:
    task = engines.test(operator, FORM, "k1")
    answered(tasks, task.task_id)
    with pytest.raises(NotFound):
        engines.save(holding(clock, Role.OPERATOR, "eve"), task.task_id)
    clock.advance(3601)
    with pytest.raises(Conflict):
        engines.save(operator, task.task_id)


def test_no_secret_stands_anywhere_in_clear(
    store: Store, engines: EngineSettings, tasks: Tasks, operator: Principal
) -> None:
    hook = EngineForm(
        "hook", EngineKind.WEBHOOK,
        {"url": "https://example.org/secret-words/in", "signing_secret": "secret-words-of-signing"},
    )  # fmt: skip
    for form in (FORM, hook):
        task = engines.test(operator, form, form.name)
        answered(tasks, task.task_id)
        engines.save(operator, task.task_id)
    held = everything(store)
    assert "secret-words" not in held
    with store.reading() as session:
        events = Trail(store).search(session, action="engine:set")
    told = "".join(str(event.payload) for event in events)
    assert len(events) == 2
    assert "3f9a" not in told
    assert "example.org" not in told


def test_only_an_administrator_lets_an_engine_lead_into_this_network(
    store: Store, engines: EngineSettings, operator: Principal, clock: FixedClock
) -> None:
    with pytest.raises(NotPermitted, match="administrator"):
        engines.test(operator, INSIDE, "k1")
    administrator = holding(clock, Role.ADMINISTRATOR, "adam")
    task = engines.test(administrator, INSIDE, "k2")
    assert engines.save(administrator, task.task_id, untested=True).allow_private
    with store.reading() as session:
        (event,) = Trail(store).search(session, action="engine:set")
    assert event.payload["after"]["allow_private"] is True
    with pytest.raises(NotPermitted):
        engines.test_again(operator, "inside", "k3")


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.OPERATOR, Role.ADMINISTRATOR)])
def test_nobody_else_manages_engines(sqlite_store: Store, clock: FixedClock, role: Role) -> None:
    engines = EngineSettings(sqlite_store, Authority(), Tasks(sqlite_store), SECRET)
    engines.set_as(SYSTEM, checked(FORM))
    who = holding(clock, role)
    acts: list[Any] = [
        lambda: engines.test(who, FORM, "k"),
        lambda: engines.test_again(who, "ops", "k"),
        lambda: engines.switch(who, "ops", enabled=False),
        lambda: engines.remove(who, "ops"),
    ]
    for act in acts:
        with pytest.raises(NotPermitted):
            act()


def test_switched_off_and_removed_it_leads_nowhere(
    store: Store, engines: EngineSettings, operator: Principal, clock: FixedClock
) -> None:
    engines.set_as(SYSTEM, checked(FORM))
    set_at = clock.now()
    clock.advance(1)
    assert not engines.switch(operator, "ops", enabled=False).enabled
    with store.reading() as session, pytest.raises(NotFound, match="switched off"):
        engines.connection(session, "ops")
    clock.advance(1)
    engines.remove(operator, "ops")
    with pytest.raises(NotFound):
        engines.remove(operator, "ops")
    with store.reading() as session:
        assert engines.by_name(session, "ops") is None
        assert [each.name for each in engines.all(session, set_at)] == ["ops"]
        words = [e.action for e in Trail(store).search(session, action="engine:")]
    assert words == ["engine:removed", "engine:set", "engine:set"]


def test_what_still_runs_on_an_engine_that_was_removed_is_reached(
    store: Store, engines: EngineSettings, operator: Principal, clock: FixedClock
) -> None:
    engines.set_as(SYSTEM, checked(FORM))
    clock.advance(1)
    engines.remove(operator, "ops")
    with store.reading() as session:
        assert engines.connection_of_old(session, "ops").url == URL
        with pytest.raises(NotFound):
            engines.connection_of_old(session, "another")


def test_what_another_deployment_sealed_opens_for_nobody(
    store: Store, engines: EngineSettings, tasks: Tasks
) -> None:
    engines.set_as(SYSTEM, checked(FORM))
    other = EngineSettings(store, Authority(), tasks, b"another secret of 32 characters..")
    with store.reading() as session, pytest.raises(IntegrityBroken):
        other.connection(session, "ops")
