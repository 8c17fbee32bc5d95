"""Channels for machines: whether they work, and never where they lead."""

from typing import Any

import pytest

from services.kernel.identity import SYSTEM
from services.standards.channel.rules import checked
from services.standards.channel.types import ChannelForm, Kind, Message
from services.workflows.notification.delivering import Notifying, Parts
from services.workflows.notification.types import Answer, Outcome
from tests.integration.api.conftest import Client

URL = "https://hooks.slack.com/services/T000/B000/secret-words-3f9a"


@pytest.fixture
def reader(world: Any) -> dict[str, str]:
    text = world.tokens.create(SYSTEM, "reader", ["models:read"])
    return {"Authorization": f"Bearer {text}"}


def test_channels_are_listed_with_their_last_message_and_without_their_address(
    api: Client, world: Any, reader: dict[str, str]
) -> None:
    for name in ("ops", "late"):
        world.channels.set_as(SYSTEM, checked(ChannelForm(name, Kind.SLACK, {"url": URL})))
    with world.store.operational() as session:
        task = world.channels.tell(
            session, "ops", Message("News", "", "info", "k"), subject=("model", "m"), requested_by="x", key="k",
        )  # fmt: skip
    answer = Answer(Outcome.REFUSED, "The receiver refuses it (HTTP 404).", 404)
    notifying = Notifying(
        Parts(world.store, world.tasks, world.channels, "https://c", lambda *_: answer)
    )
    notifying.send(notifying.compose(task.task_id))
    told = api.get("/api/v1/channels", headers=reader)
    assert told.status_code == 200
    late, ops = told.json()["channels"]
    assert (late["name"], late["last"], late["tested_at"]) == ("late", None, None)
    assert (ops["last"]["state"], ops["last"]["status"]) == ("failed", 404)
    for word in ("secret-words", "3f9a", "hooks.slack.com", "sealed"):
        assert word not in told.text


def test_channels_are_paged(api: Client, world: Any, reader: dict[str, str]) -> None:
    for name in ("a", "b", "c"):
        world.channels.set_as(SYSTEM, checked(ChannelForm(name, Kind.SLACK, {"url": URL})))
    first = api.get("/api/v1/channels?limit=2", headers=reader).json()
    assert [each["name"] for each in first["channels"]] == ["a", "b"]
    rest = api.get(f"/api/v1/channels?cursor={first['next']}", headers=reader).json()
    assert [each["name"] for each in rest["channels"]] == ["c"]


def test_without_the_scope_nothing_is_listed(api: Client, world: Any) -> None:
    assert api.get("/api/v1/channels").status_code == 401
    text = world.tokens.create(SYSTEM, "writer", ["predictions:write"])
    refused = api.get("/api/v1/channels", headers={"Authorization": f"Bearer {text}"})
    assert refused.status_code == 403
