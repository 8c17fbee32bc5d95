"""The inventory as of a day, the views that are kept, and what an exemption looks like in it."""

import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from console.views import models
from console.views.sheet import COLUMNS, csv_of
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.identity import SYSTEM, Role, Tier
from services.kernel.money import Money
from services.people.account.types import Principal
from tests.support.app import PASSWORD, opened, words
from tests.support.console_services import NAME, govern, measure, person

DAY = timedelta(days=1).total_seconds()


@pytest.fixture
def owner(services: Any) -> Principal:
    return person(services, "Olga Owner", Role.OWNER)


def names(at: AppTest) -> list[str]:
    return [row.split(" ")[0] for row in at.dataframe[0].value["Model"]] if at.dataframe else []


def test_a_day_before_shows_what_stood_then(services: Any, owner: Principal) -> None:
    yesterday = services.clock.now().date().isoformat()
    services.clock.advance(DAY)
    govern(services, owner)
    measure(services, 2, ratio=0.7)
    today = opened(services, owner, "models")
    assert names(today) == [NAME]
    then = opened(services, owner, "models", at=yesterday)
    assert not then.exception
    assert names(then) == []
    assert f"as of the end of {services.clock.now() - timedelta(days=1):%d %b %Y}" in words(then)
    services.clock.advance(2 * DAY)
    between = (services.clock.now() - timedelta(days=1)).date().isoformat()
    assert names(opened(services, owner, "models", at=between)) == [NAME]


def test_a_view_is_kept_and_forgotten(services: Any, owner: Principal) -> None:
    govern(services, owner)
    at = opened(services, owner, "models", tier="high")
    next(t for t in at.text_input if t.label == "Name of this view").set_value("High tiers")
    next(b for b in at.button if b.label == "Save this view").click()
    at.run()
    assert not at.exception
    again = opened(services, owner, "models")
    assert "/models?tier=high" in words(again)
    next(b for b in again.button if b.label == "Forget High tiers").click()
    again.run()
    assert "/models?tier=high" not in words(opened(services, owner, "models"))


def test_what_was_excused_is_not_applicable_and_neither_missing_nor_green(
    services: Any, owner: Principal
) -> None:
    govern(services, owner, Tier.CRITICAL)
    at = opened(services, owner, "models")
    assert "? 4 missing" in at.dataframe[0].value["Gaps"][0]
    vera = person(services, "Vera Validator", Role.VALIDATOR)
    page = opened(services, vera, "model", name=NAME, version="2", tab="Decisions")
    reason = "No protected attribute exists in this register."
    next(s for s in page.selectbox if s.label == "Evidence").set_value("fairness")
    next(t for t in page.text_area if t.label == "Why it does not apply").set_value(reason)
    next(t for t in page.text_input if t.label == "Your password").set_value(PASSWORD)
    next(b for b in page.button if b.label == "Sign as not applicable").click()
    page.run()
    assert not page.exception
    gaps = opened(services, owner, "models").dataframe[0].value["Gaps"][0]
    assert list(gaps) == ["? 3 missing", "– 1 n/a"]


def test_the_home_page_offers_its_duties_as_a_calendar(services: Any, owner: Principal) -> None:
    govern(services, owner)
    assert "as a calendar" not in str(opened(services, owner).main)
    measure(services, 2)
    at = opened(services, owner)
    assert not at.exception
    assert "as a calendar" in str(at.main)


def test_a_model_has_the_cost_of_thirty_days_and_how_it_moved(
    services: Any, owner: Principal
) -> None:
    govern(services, owner)
    assert opened(services, owner, "models").dataframe[0].value["Cost"].tolist() == ["–"]
    now = services.clock.now()
    said = (("a", 0, 3_000_000, "USD"), ("b", 35, 2_000_000, "USD"), ("c", 1, 500_000, "EUR"),
            ("d", 2, None, ""), ("e", 61, 9_000_000, "USD"))  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        services.ledger.add(unit, [
            Entry(
                source, CostKind.SERVING, Use("cpu", "cpu-hour", Decimal(1)),
                Money(currency, micros) if micros is not None else None, Bearer(NAME),
                now - timedelta(days=days), now - timedelta(days=days),
            )
            for source, days, micros, currency in said
        ])  # fmt: skip
    shown = opened(services, owner, "models").dataframe[0].value["Cost"].tolist()
    assert shown == ["3.00 USD ↑ 50 %; 0.50 EUR; 1 line unpriced"]
    row = models.load(services, owner, {}).rows[0]
    told = dict(
        zip(COLUMNS, next(csv.reader(io.StringIO(csv_of([row]).split("\r\n")[1]))), strict=True)
    )
    assert told["Cost, 30 days"] == "3.00"
    assert told["Cost, 30 days before"] == "2.00"
    assert told["Unpriced lines"] == "1"
