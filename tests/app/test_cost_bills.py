"""The tabs Prices and Bills as people meet them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from console.actions import cost_bills, cost_prices
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.error import InvalidInput, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.kernel.period import Period
from services.people.account.types import Principal
from tests.support.app import opened, words
from tests.support.console_services import govern, person


@pytest.fixture
def olga(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER, Role.OPERATOR)
    govern(services, made)
    return made


def test_prices_are_published_listed_and_ended_by_operators_alone(
    services: Any, olga: Principal
) -> None:
    services.prices.publish_sample()
    at = opened(services, olga, "cost", tab="Prices")
    said = words(at)
    assert "Sample prices." in said
    assert "gpu:h100" in said
    typed = {"What is sold": "gpu:b300", "Price of one": "6.10", "Source": "our contract"}
    for field in at.text_input:
        if field.label in typed and field.key != "cs-rate-source":
            field.set_value(typed[field.label])
    next(each for each in at.button if each.label == "Publish price").click().run()
    assert "is sold by the gpu-hour" in words(at)
    next(each for each in at.selectbox if each.label == "Unit").set_value("gpu-hour")
    next(each for each in at.button if each.label == "Publish price").click().run()
    assert not at.exception
    with services.store.reading() as session:
        made = [each for each in services.prices.all(session) if each.sku == "gpu:b300"]
    assert [each.amount.decimal for each in made] == ["6.10"]
    vera = person(services, "Vera Viewer", Role.VIEWER)
    said = words(opened(services, vera, "cost", tab="Prices"))
    assert "Operators publish prices." in said
    assert "gpu:b300" in said


BILL = "date,model,amount,currency,environment\n{0},loan,60,USD,account\n{0},,40,USD,account\nsoon,,1,USD,\n"


def test_a_bill_is_shown_with_what_was_refused_and_what_may_be_counted_twice(
    services: Any, olga: Principal
) -> None:
    assert "No bill imported yet" in words(opened(services, olga, "cost", tab="Bills"))
    at = services.clock.now().replace(day=1)
    line = Entry(
        "run:1:cpu", CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(1)), Money("USD", 25_000_000),
        Bearer("loan", environment="lab"), at, at + timedelta(hours=1),
    )  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        services.ledger.add(unit, [line])
    data = BILL.format(f"{at:%Y-%m-%d}").encode()
    assert "2 lines stored" in cost_bills.take(services, olga, "csv", ("bill.csv", data))
    page = opened(services, olga, "cost", tab="Bills")
    said = words(page)
    assert "May be counted twice." in said
    assert "lab in" in said
    assert "date is 'soon', which is no instant" in said
    assert "100.00 USD" in said
    anew = data.replace(b",60,", b",65,")
    assert "1 restated, and corrected" in cost_bills.take(services, olga, "csv", ("b.csv", anew))
    assert "pays for lab" in cost_bills.cover(services, olga, "account", ["lab"])
    said = words(opened(services, olga, "cost", tab="Bills"))
    assert "May be counted twice." not in said
    assert "account for lab" in said
    assert "40.00 USD" in said, "what nobody bears"
    assert "1 restated, by 5.00 USD" in said


def test_bills_are_imported_by_operators_and_shown_to_those_who_see_all(
    services: Any, olga: Principal
) -> None:
    vera = person(services, "Vera Viewer", Role.VIEWER)
    with pytest.raises(NotPermitted):
        cost_bills.take(services, vera, "csv", ("bill.csv", b""))
    with pytest.raises(NotPermitted):
        cost_bills.cover(services, vera, "account", ["lab"])
    for file, said in (
        (None, "Choose a file"),
        (("big.csv", bytes((8 << 20) + 1)), "8 MiB at most"),
    ):
        with pytest.raises(InvalidInput, match=said):
            cost_bills.take(services, olga, "csv", file)
    assert "Operators import bills" in words(opened(services, vera, "cost", tab="Bills"))


def test_what_had_no_price_is_priced_again_from_the_page(services: Any, olga: Principal) -> None:
    services.prices.publish_sample()
    at = services.clock.now()
    line = Entry(
        "attempt:2:cpu", CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(2)), None, Bearer("loan"),
        at, at + timedelta(hours=1),
    )  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        services.ledger.add(unit, [line, replace(line, source_id="run:2:cpu")])
    page = opened(services, olga, "cost", tab="Prices")
    next(each for each in page.button if each.label == "Price again").click().run()
    assert not page.exception
    with services.store.reading() as session:
        [total] = services.ledger.totals(session, Period(at - timedelta(1), at + timedelta(1)))
    assert (total.amount.decimal, total.unpriced) == ("0.08", 1)
    said = cost_prices.price_again(services, olga)
    assert "1 of runs is priced by the worker, by their tags" in said, (
        "on what terms, only tags know"
    )
