"""The page of channels: tested, then saved; and no secret on it."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from services.kernel.error import CountersignError
from services.kernel.identity import SYSTEM, Role
from services.standards.channel.rules import checked
from services.standards.channel.types import ChannelForm, Kind, Message
from services.workflows.notification.delivering import Notifying, Parts
from services.workflows.notification.types import Answer, Outcome
from tests.support.app import opened, words
from tests.support.console_services import person

URL = "https://hooks.slack.com/services/T000/B000/secret-words-3f9a"


@pytest.fixture
def operator(services: Any) -> Any:
    return person(services, "Otto Operator", Role.OPERATOR)


def press(at: AppTest, label: str) -> AppTest:
    next(b for b in at.button if b.label == label).click()
    return at.run()


def fill(at: AppTest, **typed: str) -> None:
    for each in at.text_input:
        if each.label in typed:
            each.set_value(typed[each.label])


def everything(at: AppTest) -> str:
    return words(at) + " ".join(str(b.value) for b in at.code) + str(at.main)


def worker(services: Any, answer: Answer) -> None:
    """Answer the tests that wait, as the quick lane does."""
    parts = Parts(services.store, services.tasks, services.channels, "https://c", lambda *_: answer)
    for task in services.tasks.queued("interactive"):
        services.tasks.start(task.task_id)
        try:
            services.tasks.succeed(task.task_id, Notifying(parts).answer_test(task))
        except CountersignError as error:
            services.tasks.fail(task.task_id, error.message)


def asked(services: Any, operator: Any, name: str = "ops") -> AppTest:
    at = opened(services, operator, "channels")
    fill(at, **{"Name": name, "Webhook address": URL})
    return press(at, "Send a test message")


def test_a_channel_is_saved_after_its_test_message_arrived(services: Any, operator: Any) -> None:
    at = asked(services, operator)
    assert not at.exception
    assert "Save channel" not in [b.label for b in at.button]
    worker(services, Answer(Outcome.DELIVERED, "It took it.", 200))
    press(at.run(), "Save channel")
    with services.store.reading() as session:
        (made,) = services.channels.all(session)
    assert made.tested_at is not None
    assert "Test of" not in words(at)
    assert "Tested" in words(at)
    assert "3f9a" in words(at)


def test_what_did_not_arrive_says_why_and_is_saved_as_untested(services: Any, operator: Any) -> None:  # fmt: skip
    at = asked(services, operator)
    worker(services, Answer(Outcome.REFUSED, "The receiver refuses it (HTTP 404).", 404))
    at.run()
    assert "HTTP 404" in words(at)
    press(at, "Save untested")
    assert "Never tested" in words(at)
    with services.store.reading() as session:
        assert services.channels.all(session)[0].tested_at is None


def test_what_cannot_be_used_is_said_and_asks_for_nothing(services: Any, operator: Any) -> None:
    at = opened(services, operator, "channels")
    fill(at, **{"Name": "Not A Name", "Webhook address": URL})
    press(at, "Send a test message")
    assert "Please correct this" in words(at)
    assert services.tasks.queued("interactive") == []


def test_no_secret_is_on_the_page(services: Any, operator: Any) -> None:
    at = asked(services, operator)
    worker(services, Answer(Outcome.DELIVERED, "It took it.", 200))
    press(at.run(), "Save channel")
    again = opened(services, operator, "channels", channel="ops")
    assert "secret-words" not in everything(again)


@pytest.mark.parametrize("kind", [each.value for each in Kind])
def test_every_kind_has_its_own_form(services: Any, operator: Any, kind: str) -> None:
    at = opened(services, operator, "channels", kind=kind)
    assert not at.exception
    assert "Set a channel" in words(at)
    assert len(at.text_input) >= 2


def test_a_channel_is_switched_and_removed(services: Any, operator: Any) -> None:
    services.channels.set_as(SYSTEM, checked(ChannelForm("ops", Kind.SLACK, {"url": URL})))
    at = opened(services, operator, "channels", channel="ops")
    assert "Switched off" in words(press(at, "Switch off"))
    assert "Switched off" not in words(press(at, "Switch on"))
    press(at, "Remove")
    assert "No channel is set" in words(at)


def test_a_message_that_did_not_arrive_says_why(services: Any, operator: Any) -> None:
    services.channels.set_as(SYSTEM, checked(ChannelForm("ops", Kind.SLACK, {"url": URL})))
    news = Message("<b>The feed</b> is used up", "No rows.", "info", "feed")
    with services.store.operational() as session:
        task = services.channels.tell(session, "ops", news, subject=("model", "m"), requested_by="x", key="k")  # fmt: skip
    answer = Answer(Outcome.UNSURE, "It perhaps arrived.")
    parts = Parts(services.store, services.tasks, services.channels, "https://c", lambda *_: answer)
    notifying = Notifying(parts)
    notifying.send(notifying.compose(task.task_id))
    at = opened(services, operator, "channels")
    assert "Perhaps delivered" in words(at)
    assert "It perhaps arrived" in words(at)
    assert "<b>" not in words(at).replace("\\<b", "")


def test_somebody_elses_test_is_not_shown(services: Any, operator: Any) -> None:
    at = asked(services, operator)
    task_id = at.query_params["test"][0]
    other = person(services, "Oda Operator", Role.OPERATOR)
    theirs = opened(services, other, "channels", test=task_id)
    assert "Test of" not in words(theirs)
    assert "Test of" in words(at)
