"""Channels on each engine: tried before they are set, sealed at rest, and silent about it."""

from typing import Any

import pytest
import sqlalchemy as sa

from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, IntegrityBroken, InvalidInput, NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.people.account.types import Grant, Principal
from services.record.task.service import Tasks
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.channel.rules import checked
from services.standards.channel.service import Channels
from services.standards.channel.types import ChannelForm, Kind, Message

URL = "https://hooks.slack.com/services/T000/B000/secret-words-3f9a"
FORM = ChannelForm("ops", Kind.SLACK, {"url": URL})
INSIDE = ChannelForm("inside", Kind.SLACK, {"url": "http://127.0.0.1:1/x"}, allow_private=True)
SECRET = b"a secret of this deployment, 32 b"


@pytest.fixture
def tasks(store: Store) -> Tasks:
    return Tasks(store)


@pytest.fixture
def channels(store: Store, tasks: Tasks) -> Channels:
    return Channels(store, Authority(), tasks, SECRET)


def holding(clock: FixedClock, role: Role, name: str = "pat") -> Principal:
    grants = (Grant(name, role),)
    return Principal(name, name.title(), f"{name}@example.org", grants, (), "s", clock.now())


@pytest.fixture
def operator(clock: FixedClock) -> Principal:
    return holding(clock, Role.OPERATOR)


def arrived(tasks: Tasks, task_id: str) -> None:
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


def test_a_channel_is_set_after_its_test_message_arrived(
    store: Store, channels: Channels, tasks: Tasks, operator: Principal
) -> None:
    task = channels.test(operator, FORM, "k1")
    assert channels.test(operator, FORM, "k1").task_id == task.task_id
    with pytest.raises(Conflict, match="No test message arrived"):
        channels.save(operator, task.task_id)
    assert channels.tried(task).url == URL
    arrived(tasks, task.task_id)
    made = channels.save(operator, task.task_id)
    assert made.tested_at is not None
    with store.reading() as session:
        assert channels.all(session) == [made]
        assert channels.destination(session, "ops").url == URL


def test_saved_untested_says_so(channels: Channels, tasks: Tasks, operator: Principal) -> None:
    task = channels.test(operator, FORM, "k1")
    assert channels.save(operator, task.task_id, untested=True).tested_at is None
    again = channels.test_again(operator, "ops", "k2")
    arrived(tasks, again.task_id)
    assert channels.save(operator, again.task_id).tested_at is not None


def test_a_test_counts_for_an_hour_and_for_who_asked(
    channels: Channels, tasks: Tasks, operator: Principal, clock: FixedClock
) -> None:
    task = channels.test(operator, FORM, "k1")
    arrived(tasks, task.task_id)
    with pytest.raises(NotFound):
        channels.save(holding(clock, Role.OPERATOR, "eve"), task.task_id)
    clock.advance(3601)
    with pytest.raises(Conflict):
        channels.save(operator, task.task_id)


def test_no_secret_stands_anywhere_in_clear(
    store: Store, channels: Channels, tasks: Tasks, operator: Principal
) -> None:
    mail = ChannelForm(
        "mail", Kind.EMAIL,
        {"host": "smtp.example.org", "sender": "a@example.org", "recipients": "ada@example.org",
         "username": "console", "password": "secret-words-of-mail"},
    )  # fmt: skip
    for form in (FORM, mail):
        task = channels.test(operator, form, form.name)
        arrived(tasks, task.task_id)
        channels.save(operator, task.task_id)
    held = everything(store)
    assert "secret-words" not in held
    assert "ada@example.org" not in held
    with store.reading() as session:
        events = Trail(store).search(session, action="channel:set")
    told = "".join(str(event.payload) for event in events)
    assert len(events) == 2
    assert "3f9a" not in told
    assert "example.org" not in told


def test_only_an_administrator_lets_a_channel_lead_into_this_network(
    store: Store, channels: Channels, operator: Principal, clock: FixedClock
) -> None:
    with pytest.raises(NotPermitted, match="administrator"):
        channels.test(operator, INSIDE, "k1")
    administrator = holding(clock, Role.ADMINISTRATOR, "adam")
    task = channels.test(administrator, INSIDE, "k2")
    assert channels.save(administrator, task.task_id, untested=True).allow_private
    with store.reading() as session:
        (event,) = Trail(store).search(session, action="channel:set")
    assert event.payload["after"]["allow_private"] is True
    with pytest.raises(NotPermitted):
        channels.test_again(operator, "inside", "k3")


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.OPERATOR, Role.ADMINISTRATOR)])
def test_nobody_else_manages_channels(sqlite_store: Store, clock: FixedClock, role: Role) -> None:
    channels = Channels(sqlite_store, Authority(), Tasks(sqlite_store), SECRET)
    channels.set_as(SYSTEM, checked(FORM))
    who = holding(clock, role)
    acts: list[Any] = [
        lambda: channels.test(who, FORM, "k"),
        lambda: channels.test_again(who, "ops", "k"),
        lambda: channels.switch(who, "ops", enabled=False),
        lambda: channels.remove(who, "ops"),
    ]
    for act in acts:
        with pytest.raises(NotPermitted):
            act()


def test_switched_off_and_removed_it_leads_nowhere(
    store: Store, channels: Channels, operator: Principal, clock: FixedClock
) -> None:
    channels.set_as(SYSTEM, checked(FORM))
    set_at = clock.now()
    clock.advance(1)
    assert not channels.switch(operator, "ops", enabled=False).enabled
    with store.reading() as session, pytest.raises(NotFound, match="switched off"):
        channels.destination(session, "ops")
    clock.advance(1)
    channels.remove(operator, "ops")
    with pytest.raises(NotFound):
        channels.remove(operator, "ops")
    with store.reading() as session:
        assert channels.by_name(session, "ops") is None
        assert [each.name for each in channels.all(session, set_at)] == ["ops"]
        words = [e.action for e in Trail(store).search(session, action="channel:")]
    assert words == ["channel:removed", "channel:set", "channel:set"]


def test_what_another_deployment_sealed_opens_for_nobody(
    store: Store, channels: Channels, tasks: Tasks
) -> None:
    channels.set_as(SYSTEM, checked(FORM))
    other = Channels(store, Authority(), tasks, b"another secret of 32 characters..")
    with store.reading() as session, pytest.raises(IntegrityBroken):
        other.destination(session, "ops")


def test_the_same_news_is_asked_for_once(store: Store, channels: Channels) -> None:
    news = Message("The feed is used up", "No rows are left.", "info", "feed:flight-delay")
    wish = {"subject": ("model", "flight-delay"), "requested_by": "countersign", "key": "feed:1"}
    with store.operational() as session:
        first = channels.tell(session, "ops", news, **wish)
        assert channels.tell(session, "ops", news, **wish).task_id == first.task_id
        with pytest.raises(InvalidInput):
            channels.tell(session, "ops", news, event="shouted", **wish)
    assert first.payload["partition"] == "ops"
    assert first.payload["message"]["title"] == "The feed is used up"
