"""Numbers that are sent: who may, which ones, and what a window makes of them."""

from datetime import timedelta
from typing import Any

import pytest

from services.kernel.identity import SYSTEM
from services.standards.target.types import Kpi
from tests.integration.api.conftest import AT, Client, bearer

PATH = "/api/v1/models/a"


@pytest.fixture
def token(world: Any) -> dict[str, str]:
    world.targets.set_as(SYSTEM, Kpi("a", "Approvals", "1", "higher", 0.4))
    world.targets.set_as(SYSTEM, Kpi("a", "Late", "1", "lower", 0.2, "share(outcome = 1)"))
    return bearer(world, "predictions:write", "models:read")


def kpi(api: Client, token: Any, value: Any, at: str = "2026-03-14T08:00:00Z", **more: Any) -> Any:
    sent = {"name": "Approvals", "at": at, "value": value, **more}
    return api.post(f"{PATH}/kpi", json=sent, headers=token)


def window(world: Any) -> list[tuple[str, str, float | None, int]]:
    with world.store.reading() as session:
        found = world.pushed.window(session, "a", AT - timedelta(hours=9), AT)
    return [(each.metric, each.feature, each.value, each.n) for each in found]


def test_a_window_tells_the_mean_of_what_was_sent(world: Any, api: Client, token: Any) -> None:
    assert kpi(api, token, 0.5).status_code == 201
    assert kpi(api, token, 0.3, "2026-03-14T08:30:00+00:00").json() == {"accepted": 1}
    assert kpi(api, token, 9.0, "2026-03-13T08:30:00Z").status_code == 201  # another day
    for at, cpu in (("2026-03-14T08:00:00Z", 0.9), ("2026-03-14T08:01:00Z", 0.7)):
        sent = {"at": at, "cpu_share": cpu, "memory_share": 0.5}
        assert api.post(f"{PATH}/server", json=sent, headers=token).json() == {"accepted": 2}
    assert window(world) == [
        ("kpi.value", "Approvals", 0.4, 2),
        ("service.cpu_share", "", 0.8, 2),
        ("service.memory_share", "", 0.5, 2),
    ]


def test_a_number_that_is_sent_again_is_corrected(world: Any, api: Client, token: Any) -> None:
    kpi(api, token, 0.5)
    kpi(api, token, 0.6, "2026-03-14T09:00:00+01:00")  # the same instant
    assert window(world) == [("kpi.value", "Approvals", 0.6, 1)]


def test_a_key_is_answered_once(world: Any, api: Client, token: Any) -> None:
    keyed = {**token, "Idempotency-Key": "k1"}
    assert kpi(api, keyed, 0.5).headers.get("Idempotency-Replayed") is None
    assert kpi(api, keyed, 0.5).headers["Idempotency-Replayed"] == "true"
    assert kpi(api, keyed, 0.7).status_code == 409
    assert window(world) == [("kpi.value", "Approvals", 0.5, 1)]


@pytest.mark.parametrize(
    "sent",
    [
        {"value": "much"},
        {"value": None},
        {"value": 0.5, "at": "2026-03-14T08:00:00"},  # no zone
        {"value": 0.5, "at": "2026-03-14T12:00:00Z"},  # not yet
        {"value": 0.5, "name": "Late"},  # computed, not sent
        {"value": 0.5, "unit": "EUR"},
    ],
)
def test_a_number_that_cannot_be_used_is_refused(
    world: Any, api: Client, token: Any, sent: Any
) -> None:
    answer = kpi(api, token, **sent)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("InvalidInput")
    assert window(world) == []


def test_an_endless_number_is_no_number(api: Client, token: Any) -> None:
    headers = {**token, "Content-Type": "application/json"}
    body = b'{"name": "Approvals", "at": "2026-03-14T08:00:00Z", "value": Infinity}'
    assert api.post(f"{PATH}/kpi", content=body, headers=headers).status_code == 422


@pytest.mark.parametrize(
    "sent", [{}, {"cpu_share": 1.2}, {"cpu_share": -0.1}, {"memory_share": 64}]
)
def test_a_server_sends_shares(api: Client, token: Any, sent: Any) -> None:
    body = {"at": "2026-03-14T08:00:00Z", **sent}
    assert api.post(f"{PATH}/server", json=body, headers=token).status_code == 422


def test_what_nobody_defined_is_not_found(api: Client, token: Any) -> None:
    assert kpi(api, token, 0.5, name="Profit").status_code == 404
    sent = {"at": "2026-03-14T08:00:00Z", "cpu_share": 0.5}
    assert api.post("/api/v1/models/zz/server", json=sent, headers=token).status_code == 404


def test_a_token_that_may_only_read_sends_nothing(world: Any, api: Client, token: Any) -> None:
    reading = bearer(world, "models:read")
    assert kpi(api, reading, 0.5).status_code == 403
    assert kpi(api, {}, 0.5).status_code == 401
    told = api.get(f"{PATH}/kpi", headers=reading).json()["kpis"]
    assert [(each["name"], each["target"], each["formula"]) for each in told] == [
        ("Approvals", 0.4, None),
        ("Late", 0.2, "share(outcome = 1)"),
    ]
    assert token
