"""What models cost, for machines."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from services.facts.cost.service import Ledger
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.standards.authority.rules import Authority
from services.standards.price.service import Prices
from services.standards.price.types import Exchange
from tests.integration.api.conftest import AT, Client, bearer


@pytest.fixture
def token(world: Any) -> dict[str, str]:
    world.ledger = Ledger()
    line = Entry(
        "s:1", CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(1)), Money("USD", 2_300),
        Bearer("a", team="ops"), AT, AT + timedelta(hours=1),
    )  # fmt: skip
    lines = [
        line, replace(line, source_id="s:2", amount=None),
        replace(line, source_id="s:3", bearer=Bearer("b"), kind=CostKind.SERVING),
        replace(line, source_id="s:4", starts_at=AT + timedelta(days=30), ends_at=AT + timedelta(days=31)),
    ]  # fmt: skip
    with world.store.unit(SYSTEM) as unit:
        world.ledger.add(unit, lines)
    return bearer(world, "models:read")


def test_a_month_is_told_by_group_with_what_has_no_price(api: Client, token: Any) -> None:
    said = api.get(
        "/api/v1/cost", params={"period": "2026-03", "by": "model"}, headers=token
    ).json()
    assert [(t["key"], t["amount"], t["unpriced"]) for t in said["totals"]] == [
        ({"model": "a"}, "0.0023", 1),
        ({"model": "b"}, "0.0023", 0),
    ]
    assert said["unpriced"] == 1
    assert said["unpriced_groups"] == [{"key": {"model": "a"}, "lines": 1}]
    assert (said["start"], said["end"]) == ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")


def test_a_model_and_a_day_are_told_alone(api: Client, token: Any) -> None:
    said = api.get("/api/v1/models/a/cost", params={"period": "2026-03-14"}, headers=token).json()
    assert [(t["key"], t["amount"]) for t in said["totals"]] == [({"kind": "training"}, "0.0023")]
    said = api.get("/api/v1/models/a/cost", params={"period": "2026-03-15"}, headers=token).json()
    assert (said["totals"], said["unpriced"]) == ([], 0)
    assert (
        api.get("/api/v1/models/z/cost", params={"period": "2026-03"}, headers=token).status_code
        == 404
    )
    team = {"period": "2026-03", "team": "ops"}
    [total] = api.get("/api/v1/cost", params=team, headers=token).json()["totals"]
    assert total["amount"] == "0.0023"


def test_what_no_day_keeps_is_told_from_the_lines_with_its_units(
    api: Client, world: Any, token: Any
) -> None:
    line = Entry(
        "s:9", CostKind.TRAINING, Use("gpu:t4", "gpu-hour", Decimal(2)), Money("USD", 7),
        Bearer("a", 3, "abc", environment="aws/eu"), AT, AT,
    )  # fmt: skip
    with world.store.unit(SYSTEM) as unit:
        world.ledger.add(unit, [line])
    query = {"period": "2026-03", "by": "environment,version", "model": "a"}
    said = api.get("/api/v1/cost", params=query, headers=token).json()
    here = {"environment": "aws/eu", "version": "3"}
    assert [each["amount"] for each in said["totals"] if each["key"] == here] == ["0.000007"]
    found = [(each["unit"], each["quantity"]) for each in said["units"] if each["key"] == here]
    assert found == [("gpu-hour", "2")]
    refused = api.get("/api/v1/cost", params={**query, "currency": "EUR"}, headers=token)
    assert refused.status_code == 422
    assert "leave currency out" in refused.json()["detail"]


@pytest.mark.parametrize("period", ["2026", "2026-13", "2026-02-30", "soon", "2026-3"])
def test_what_is_no_period_is_refused(api: Client, token: Any, period: str) -> None:
    said = api.get("/api/v1/cost", params={"period": period}, headers=token)
    assert said.status_code == 422
    assert "write 2026-11 or 2026-11-14" in said.json()["detail"]


def test_a_group_nobody_knows_and_a_token_without_the_scope_are_refused(
    world: Any, api: Client, token: Any
) -> None:
    asked = {"period": "2026-12", "by": "colour"}
    said = api.get("/api/v1/cost", params=asked, headers=token)
    assert "'colour' is nothing to add up by" in said.json()["detail"]
    other = bearer(world, "gate:read")
    assert api.get("/api/v1/cost", params={"period": "2026-12"}, headers=other).status_code == 403


def test_a_total_is_told_in_one_currency_with_what_has_no_rate(
    api: Client, world: Any, token: Any
) -> None:
    world.prices = Prices(world.store, Authority())
    line = Entry(
        "s:9", CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(1)), Money("EUR", 1_000_000),
        Bearer("a"), AT, AT, estimated=False,
    )  # fmt: skip
    with world.store.unit(SYSTEM) as unit:
        pound = replace(line, source_id="s:10", amount=Money("GBP", 5))
        world.ledger.add(unit, [line, pound])
    rate = Exchange("EUR", "USD", Decimal("1.1"), AT.replace(day=1, hour=0), "ecb")
    world.prices.publish_exchange_as(SYSTEM, rate)
    query = {"period": "2026-03", "by": "model", "currency": "USD"}
    told = api.get("/api/v1/cost", params=query, headers=token).json()["converted"]
    assert {each["key"]["model"]: each["amount"] for each in told["totals"]} == {
        "a": "1.1023", "b": "0.0023",
    }  # fmt: skip
    assert told["unconverted"] == [{"currency": "GBP", "amount": "0.000005", "lines": 1}]
    assert [each["each"] for each in told["rates"]] == ["1.1"]
