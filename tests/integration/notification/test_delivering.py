"""From asking to arriving, on each engine, with a clock that is moved by hand and a real receiver."""

import hmac

import pytest

from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM
from services.record.task.types import TaskState
from services.record.trail.unit_of_work import Store
from services.standards.channel.types import Destination, Kind, Message
from services.workflows.notification.types import Answer, Outcome, Parcel
from services.workflows.types import StepFailed
from tests.support.notifying import CONSOLE, KEY, House
from tests.support.receiver import Receiver, receiving

WEB = (Kind.SLACK, Kind.TEAMS, Kind.PAGERDUTY, Kind.WEBHOOK)


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


@pytest.fixture
def quick(sqlite_store: Store) -> House:
    return House(sqlite_store)


@pytest.mark.parametrize("kind", WEB)
def test_one_message_arrives_once_however_often_it_is_asked_for(house: House, kind: Kind) -> None:
    with receiving() as receiver:
        house.open(kind, receiver.url)
        task_id = house.ask()
        assert house.ask() == task_id
        house.work()
        house.carry_out(task_id)
        assert house.work() == 0
    assert len(receiver.got) == 1
    assert house.states() == ["delivered"]
    (event,) = house.events()
    assert (event.action, event.subject_kind, event.subject_id) == ("notification:delivered", "alert", "a1")  # fmt: skip
    assert house.tasks.get(task_id).state is TaskState.SUCCEEDED


def test_raised_and_resolved_bear_one_key(house: House) -> None:
    with receiving() as receiver:
        house.open(Kind.PAGERDUTY, receiver.url)
        for event in ("raised", "resolved"):
            house.ask(event)
            house.work()
    told = [each.json for each in receiver.got]
    assert [each["event_action"] for each in told] == ["trigger", "resolve"]
    assert {each["dedup_key"] for each in told} == {KEY}
    assert told[0]["client_url"] == f"{CONSOLE}/alerts"


def test_a_receiver_that_was_down_for_two_minutes_is_told_once_afterwards(
    house: House, clock: FixedClock
) -> None:
    with receiving() as receiver:
        house.open(Kind.SLACK, receiver.url)
    house.ask()
    down = 0
    while down < 120:
        house.work()
        clock.advance(10)
        down += 10
    assert house.states() == ["pending"]
    assert house.events() == []
    with receiving(receiver.port, receiver):
        waited = 0
        while not house.all()[0].is_over and waited < 60:
            house.work()
            clock.advance(5)
            waited += 5
        assert waited <= 35
        for _ in range(200):
            clock.advance(60)
            house.work()
    assert len(receiver.got) == 1
    assert house.states() == ["delivered"]
    assert [each.action for each in house.events()] == ["notification:delivered"]


def test_after_two_hours_it_is_given_up_and_said(house: House, clock: FixedClock) -> None:
    with receiving() as receiver:
        house.open(Kind.WEBHOOK, receiver.url)
    house.ask()
    for _ in range(2 * 60 * 2 + 20):
        house.work()
        clock.advance(30)
    (delivery,) = house.all()
    assert delivery.state == "given_up"
    assert 40 < delivery.attempts < 80
    (event,) = house.events()
    assert (event.action, event.payload["state"]) == ("notification:failed", "given_up")
    assert house.work() == 0


def test_messages_about_one_trouble_arrive_in_their_order(house: House, clock: FixedClock) -> None:
    with receiving() as receiver:
        house.open(Kind.PAGERDUTY, receiver.url)
        receiver.answers = [503]
        house.ask("raised")
        house.work()
        house.ask("resolved")
        house.work()
        assert len(receiver.got) == 1
        for _ in range(12):
            clock.advance(10)
            house.work()
    assert [each.json["event_action"] for each in receiver.got] == ["trigger", "trigger", "resolve"]
    assert house.states() == ["delivered", "delivered"]


@pytest.mark.parametrize("status", [302, 400, 403, 404])
def test_what_is_refused_for_good_is_not_tried_again(quick: House, clock: FixedClock, status: int) -> None:  # fmt: skip
    with receiving() as receiver:
        receiver.answers = [status]
        quick.open(Kind.SLACK, receiver.url)
        quick.ask()
        quick.work()
        clock.advance(7200)
        assert quick.work() == 0
    assert len(receiver.got) == 1
    (delivery,) = quick.all()
    assert (delivery.state, delivery.answered_status) == ("failed", status)
    assert [each.payload["status"] for each in quick.events()] == [status]


def test_a_receiver_that_asks_to_be_left_alone_is(quick: House, clock: FixedClock) -> None:
    with receiving() as receiver:
        receiver.answers, receiver.headers = [429], {"Retry-After": "600"}
        quick.open(Kind.SLACK, receiver.url)
        quick.ask()
        quick.work()
        clock.advance(590)
        assert quick.work() == 0
        clock.advance(10)
        assert quick.work() == 1
    assert quick.states() == ["delivered"]


@pytest.mark.parametrize(("kind", "times", "state"), [(Kind.SLACK, 1, "unsure"), (Kind.WEBHOOK, 2, "delivered")])  # fmt: skip
def test_what_perhaps_arrived_is_sent_again_only_to_who_knows_repeats(
    sqlite_store: Store, clock: FixedClock, kind: Kind, times: int, state: str
) -> None:
    answers = [
        Answer(Outcome.UNSURE, "No answer in time."),
        Answer(Outcome.DELIVERED, "It took it.", 200),
    ]
    sent: list[str] = []

    def send(_: Destination, parcel: Parcel) -> Answer:
        sent.append(parcel.delivery_id)
        return answers[len(sent) - 1]

    house = House(sqlite_store, send)
    house.open(kind, "https://hooks.example.org/x")
    house.ask()
    for _ in range(10):
        house.work()
        clock.advance(30)
    assert len(sent) == times
    assert len(set(sent)) == 1
    assert house.states() == [state]
    assert len(house.events()) == 1


@pytest.mark.parametrize("kind", WEB)
def test_who_finds_a_message_being_sent_stands_behind_a_crash(sqlite_store: Store, kind: Kind) -> None:  # fmt: skip
    sent: list[str] = []

    def dies(_: Destination, parcel: Parcel) -> Answer:
        sent.append(parcel.delivery_id)
        raise KeyboardInterrupt

    def works(_: Destination, parcel: Parcel) -> Answer:
        sent.append(parcel.delivery_id)
        return Answer(Outcome.DELIVERED, "It took it.", 200)

    house = House(sqlite_store, dies)
    house.open(kind, "https://hooks.example.org/x")
    task_id = house.ask()
    with pytest.raises(KeyboardInterrupt):
        house.carry_out(task_id)
    assert house.states() == ["sending"]
    again = House(sqlite_store, works)
    again.carry_out(task_id)
    assert len(sent) == (2 if kind.knows_repeats else 1)
    assert again.states() == ["delivered" if kind.knows_repeats else "unsure"]
    assert len(again.events()) == 1


def test_a_channel_that_is_gone_or_off_ends_its_messages_in_words(quick: House) -> None:
    quick.ask(channel="nowhere")
    quick.work()
    (delivery,) = quick.all()
    assert delivery.state == "failed"
    assert "no channel 'nowhere'" in delivery.error
    assert [each.action for each in quick.events()] == ["notification:failed"]


def test_a_workflow_that_gives_up_ends_its_message_in_words(quick: House) -> None:
    with receiving() as receiver:
        receiver.answers = [503]
        quick.open(Kind.SLACK, receiver.url)
        task_id = quick.ask()
        quick.carry_out(task_id)
        quick.notifying.fail(task_id, StepFailed("IntegrityBroken", "The worker gave up."))
    (delivery,) = quick.all()
    assert (delivery.state, delivery.error) == ("failed", "The worker gave up.")
    assert [each.payload["reason"] for each in quick.events()] == ["IntegrityBroken"]
    assert quick.work() == 0


def test_what_arrived_stays_so_whatever_happens_to_its_workflow(quick: House) -> None:
    with receiving() as receiver:
        quick.open(Kind.SLACK, receiver.url)
        task_id = quick.ask()
        quick.notifying.send(quick.notifying.compose(task_id))
    for _ in range(2):
        quick.notifying.fail(task_id, StepFailed("IntegrityBroken", "The worker gave up."))
    assert quick.states() == ["delivered"]
    assert [each.action for each in quick.events()] == ["notification:delivered"]


def test_news_that_are_no_alert_are_told_in_their_own_words(quick: House) -> None:
    news = Message(
        "The feed is used up", "No rows are left.", "info", "feed:flight-delay", "/model"
    )
    with receiving() as receiver:
        quick.open(Kind.WEBHOOK, receiver.url)
        with quick.store.unit(SYSTEM) as unit:
            quick.channels.tell(
                unit.session, "ops", news, subject=("model", "flight-delay"), requested_by="x", key="feed:1",
            )  # fmt: skip
        quick.work()
    (got,) = receiver.got
    assert (got.json["event"], got.json["title"]) == ("told", "The feed is used up")
    stamped = got.headers["X-Countersign-Timestamp"].encode() + b"." + got.body
    expected = hmac.new(b"s" * 32, stamped, "sha256").hexdigest()
    assert got.headers["X-Countersign-Signature"] == f"sha256={expected}"
    assert got.headers["Idempotency-Key"] == quick.all()[0].delivery_id


def test_neither_the_trail_nor_a_delivery_knows_where_a_channel_leads(
    quick: House, capfd: pytest.CaptureFixture[str]
) -> None:
    with receiving(receiver=Receiver(answers=[503, 200])) as receiver:
        for kind, name in ((Kind.SLACK, "ops"), (Kind.WEBHOOK, "hook")):
            quick.open(kind, receiver.url, name)
            quick.ask(channel=name)
        quick.work()
    said = "".join(capfd.readouterr()) + repr(quick.all()) + repr(quick.events())
    assert "secret-words" not in said
    assert "127.0.0.1" not in said
    assert "ssss" not in said


def test_a_test_message_goes_the_same_way(quick: House) -> None:
    from services.kernel.error import SourceUnavailable
    from services.kernel.identity import Role
    from services.people.account.types import Grant, Principal
    from services.standards.channel.types import ChannelForm

    adam = Principal("adam", "Adam", "adam@example.org", (Grant("adam", Role.ADMINISTRATOR),), (), "s", quick.store.clock.now())  # fmt: skip
    with receiving() as receiver:
        form = ChannelForm("ops", Kind.SLACK, {"url": receiver.url}, allow_private=True)
        task = quick.channels.test(adam, form, "k1")
        assert quick.notifying.answer_test(task)["status"] == 200
        receiver.answers = [404]
        with pytest.raises(SourceUnavailable, match="HTTP 404"):
            quick.notifying.answer_test(task)
    assert len(receiver.got) == 2
    assert "Test of a channel" in receiver.got[0].json["text"]
    assert quick.all() == []
