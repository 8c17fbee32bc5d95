"""Engines as people meet them: a repository that tells of pushes is set, its secret shown once."""

from typing import Any

from streamlit.testing.v1 import AppTest

from services.kernel.identity import Role
from tests.support.app import opened, words
from tests.support.console_services import person

REPOSITORY = "https://git.example.org/team/flights.git"


def field(at: AppTest, label: str) -> Any:
    return next(each for each in [*at.text_input, *at.selectbox] if each.label == label)


def press(at: AppTest, label: str) -> AppTest:
    next(each for each in at.button if each.label == label).click()
    return at.run()


def test_the_secret_of_a_repository_is_shown_once(services: Any) -> None:
    otis = person(services, "Otis Operator", Role.OPERATOR)
    at = opened(services, otis, "engines")
    assert "No repository tells of pushes" in words(at)
    field(at, "Name of the webhook").set_value("flights")
    field(at, "Repository").set_value("nowhere")
    at = press(at, "Make its secret")
    assert "Write the address as git clones it" in words(at)
    field(at, "Repository").set_value(REPOSITORY)
    at = press(at, "Make its secret")
    assert not at.exception
    with services.store.reading() as session:
        _, secret = services.pushes.hooks.opened(session, "flights")
    (shown,) = [each.value for each in at.code]
    assert shown.endswith(f"/api/v1/hooks/flights\n{secret}")
    at = at.run()
    assert [each.value for each in at.code] == []
    press(at, "Remove webhook")
    with services.store.reading() as session:
        assert services.pushes.hooks.all(session) == []
