"""The price catalogue, on each engine."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.kernel.clock import FixedClock
from services.kernel.error import Conflict, InvalidInput, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.people.account.types import Grant, Principal
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.price.service import Prices
from services.standards.price.types import Exchange, Market, PriceForm

MARCH = datetime(2026, 3, 1, tzinfo=UTC)


def holding(role: Role) -> Principal:
    grants = (Grant("p", role, "everything", ""),)
    return Principal("p", "Pat", "pat@example.org", grants, (), "s", MARCH)


def cpu(micros: int, starts_at: datetime = MARCH, ends_at: datetime | None = None) -> PriceForm:
    return PriceForm(
        "cpu", "cpu-hour", Market(), Money("USD", micros), starts_at, ends_at, "our contract"
    )


@pytest.fixture
def prices(store: Store) -> Prices:
    return Prices(store, Authority())


def test_a_price_is_ended_and_followed_and_remembered(
    store: Store, prices: Prices, clock: FixedClock
) -> None:
    operator, then, april = holding(Role.OPERATOR), clock.now(), datetime(2026, 4, 1, tzinfo=UTC)
    [first] = prices.publish(operator, [cpu(40_000)])
    with pytest.raises(InvalidInput, match="end that one first"):
        prices.publish(operator, [cpu(50_000, april)])
    clock.advance(60)
    prices.end(operator, first.price_id, april)
    [second] = prices.publish(operator, [cpu(50_000, april)])
    with store.reading() as session:
        for at, wanted in ((april - timedelta(1), first.price_id), (april, second.price_id)):
            found = prices.price(session, "cpu", at)
            assert found is not None
            assert found.price_id == wanted
        assert [p.ends_at for p in prices.all(session)] == [april, None]
        assert [p.ends_at for p in prices.all(session, then)] == [None]
        assert prices.price(session, "gpu:h100", april) is None
        assert prices.rates(session, ["cpu", "gpu:h100"], april, "USD")["gpu:h100"] is None
    with pytest.raises(Conflict):
        prices.end(operator, first.price_id, april)
    with store.reading() as session:
        events = Trail(store).search(session, subject=("price", "cpu"))
    assert sorted(e.action for e in events) == ["price:ended", "price:published", "price:published"]


def test_of_a_list_all_prices_are_published_or_none(store: Store, prices: Prices) -> None:
    with pytest.raises(InvalidInput, match="end that one first"):
        prices.publish(holding(Role.OPERATOR), [cpu(40_000), cpu(50_000)])
    with store.reading() as session:
        assert prices.all(session) == []


def test_only_an_operator_publishes(prices: Prices) -> None:
    for role in set(Role) - {Role.OPERATOR}:
        with pytest.raises(NotPermitted):
            prices.publish(holding(role), [cpu(40_000)])


def test_a_sample_gives_way_to_a_price_that_somebody_pays(store: Store, prices: Prices) -> None:
    prices.publish_sample()
    prices.publish_sample()
    with store.reading() as session:
        before = prices.all(session)
        assert len({(p.sku, p.market) for p in before}) == len(before)
        found = prices.price(session, "cpu", MARCH)
        assert found is not None
        assert found.rate.sample
    [ours] = prices.publish_as(SYSTEM, [cpu(60_000)])
    with store.reading() as session:
        rate = prices.rates(session, ["cpu"], MARCH, "USD")["cpu"]
        assert rate is not None
        assert (rate.price_id, rate.sample) == (ours.price_id, False)
        earlier = prices.price(session, "cpu", MARCH - timedelta(seconds=1))
        assert earlier is not None
        assert earlier.sample


def test_a_rate_of_exchange_holds_from_its_date_on(store: Store, prices: Prices) -> None:
    operator, april = holding(Role.OPERATOR), datetime(2026, 4, 1, tzinfo=UTC)
    prices.publish(operator, [cpu(40_000)])
    for at, each in ((MARCH, "0.8"), (april, "0.9")):
        prices.publish_exchange(operator, Exchange("USD", "EUR", Decimal(each), at, "central bank"))
    with pytest.raises(Conflict):
        prices.publish_exchange(operator, Exchange("USD", "EUR", Decimal(1), MARCH, "a guess"))
    with store.reading() as session:
        for at, micros in ((april - timedelta(1), 32_000), (april, 36_000)):
            rate = prices.rates(session, ["cpu"], at, "EUR")["cpu"]
            assert rate is not None
            assert rate.each == Money("EUR", micros)
        assert prices.convert(session, Money("USD", 1), "EUR", MARCH - timedelta(1)) is None
        assert prices.rates(session, ["cpu"], MARCH, "JPY") == {"cpu": None}
