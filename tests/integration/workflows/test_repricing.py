"""What had no price gets one by a correction; what has one keeps it, whatever is published later."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from services.facts.cost.service import Ledger
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.facts.registry.service import Registry
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.price.service import Prices
from services.standards.price.types import Market, PriceForm
from services.workflows.costing.markets import Markets
from services.workflows.costing.repricing import Repricing

MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))


def line(source: str, sku: str, day: int, amount: int | None = None) -> Entry:
    at = MARCH.start + timedelta(days=day - 1)
    money = Money("USD", amount) if amount is not None else None
    return Entry(
        source, CostKind.TRAINING, Use(sku, "gpu-hour", Decimal(3)), money, Bearer("loan"),
        at, at + timedelta(hours=3),
    )  # fmt: skip


def price(amount: str, day: int, unit: str = "gpu-hour", sku: str = "gpu:b300") -> PriceForm:
    at = MARCH.start + timedelta(days=day - 1)
    return PriceForm(sku, unit, Market(), Money.parse(amount, "USD"), at, None, "contract")


def test_a_line_is_priced_by_the_price_of_its_day_and_once(store: Store) -> None:
    ledger, prices = Ledger(), Prices(store, Authority())
    lines = [
        line("attempt:a:g", "gpu:b300", 5), line("attempt:b:g", "gpu:b300", 1),
        line("attempt:c:g", "gpu:b300", 6, 9), line("run:e:gpu:b300", "gpu:b300", 5),
        line("attempt:d:g", "vm:t0", 5),
    ]  # fmt: skip
    with store.unit(SYSTEM) as unit:
        ledger.add(unit, lines)
    prices.publish_as(SYSTEM, [price("2", 3), price("7", 1, "instance-hour", "vm:t0")])
    repricing = Repricing(store, ledger, prices, Markets(Registry()))
    found = repricing.run(SYSTEM, MARCH)
    assert found.waiting == 1, "on what terms a run was bought, the worker reads from its tags"
    assert (found.priced, found.amounts) == (1, {"USD": 6_000_000})
    assert found.missing == {("gpu:b300", "gpu-hour"): 1, ("vm:t0", "gpu-hour"): 1}
    with store.reading() as session:
        [total] = ledger.totals(session, MARCH)
    assert (total.amount.micros, total.unpriced) == (6_000_009, 3), "what had a price kept it"
    again = repricing.run(SYSTEM)
    assert (again.priced, sum(again.missing.values())) == (0, 2)
