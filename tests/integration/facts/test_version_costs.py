"""What versions cost, on each engine: training, 1,000 predictions, a month at the traffic there is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.facts.cost import by_version
from services.facts.cost.by_version import Made
from services.facts.cost.service import Ledger
from services.facts.cost.standing import CostStanding, standings
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.facts.cost.unit_cost import monthly, per_thousand
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.record.trail.unit_of_work import Store

NOW = datetime(2026, 3, 14, 9, 12, tzinfo=UTC)


def line(source: str, micros: int | None, days: int, **more: Any) -> Entry:
    at = NOW - timedelta(days=days)
    bearer = Bearer(
        "loan", more.pop("version", None), more.pop("run", ""), "lending", more.pop("ticket", "")
    )
    return Entry(
        source, more.pop("kind", CostKind.SERVING), Use("cpu", "cpu-hour", Decimal(1)),
        Money(more.pop("currency", "USD"), micros) if micros is not None else None, bearer,
        at, at + timedelta(hours=1), **more,
    )  # fmt: skip


def add(store: Store, *entries: Entry) -> None:
    with store.unit(SYSTEM) as unit:
        Ledger().add(unit, entries)


def held(store: Store, made: Made | None = None) -> dict[int | None, CostStanding]:
    with store.reading() as session:
        return standings(session, "loan", NOW, made or Made())


def test_a_thousand_predictions_and_a_month_are_exact_to_the_millionth() -> None:
    assert per_thousand(Money("USD", 1), 3_000) == Money("USD", 0)
    assert per_thousand(Money("USD", 2_000_000), 3) == Money("USD", 666_666_667)
    assert per_thousand(Money("USD", 5), 0) is None
    assert monthly(Money("USD", 7), 30) == Money("USD", 7)
    assert monthly(Money("USD", 10**15), 7) == Money("USD", 4_285_714_285_714_286)
    assert monthly(Money("USD", 7), 0) is None


def test_a_version_has_what_made_it_and_what_serves_it(store: Store) -> None:
    train = CostKind.TRAINING
    add(
        store,
        line("run", 3_000_000, 200, run="r2", kind=train),
        line("ticket", 500_000, 199, ticket="t2", kind=CostKind.SEARCH),
        line("other", 9_000_000, 199, run="r9", kind=train),
        line("old", 70_000_000, 60, version=2, requests=10**6),
        line("day", 600_000, 9, version=2, requests=2_000, kwh=Decimal("0.5"), kg=Decimal("0.1")),
        line("yesterday", 400_000, 1, version=2, requests=2_000),
    )
    found = held(store, Made({"r2": 2}, {"t2": 2}))
    assert list(found) == [2, None]
    two = found[2]
    assert two.training == Money("USD", 3_500_000)
    assert (two.serving, two.requests, two.days) == (Money("USD", 1_000_000), 4_000, 9)
    assert two.per_thousand == Money("USD", 250_000)
    assert two.monthly == Money("USD", 3_333_333)
    assert (two.kwh, two.kg, two.unpriced) == (Decimal("0.5"), Decimal("0.1"), 0)
    assert found[None].training == Money("USD", 9_000_000)


def test_with_a_line_without_a_price_nothing_is_said_of_a_thousand(store: Store) -> None:
    add(store, line("a", None, 2, version=1, requests=50), line("b", 10, 1, version=1, requests=50))
    one = held(store)[1]
    assert (one.serving, one.unpriced) == (Money("USD", 10), 1)
    assert one.per_thousand is None
    assert one.monthly is None
    add(store, line("a:priced", 990, 2, version=1, corrects="a"))
    assert held(store)[1].per_thousand == Money("USD", 10_000)


def test_other_currencies_are_said_and_not_added(store: Store) -> None:
    add(store, line("a", 10, 1, version=1), line("b", 5, 1, version=1, currency="EUR"))
    add(store, line("c", 10, 1, version=1))
    one = held(store)[1]
    assert (one.currency, one.serving, one.elsewhere) == ("USD", Money("USD", 20), True)


def test_the_newest_lines_stand_first(store: Store) -> None:
    add(store, *(line(f"l{n}", n, n, version=n % 2) for n in range(1, 6)))
    with store.reading() as session:
        lines = by_version.newest(session, "loan", NOW - timedelta(days=4), NOW, 2, 1)
    assert [each.entry.source_id for each in lines] == ["l1", "l3"]
