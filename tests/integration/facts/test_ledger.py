"""The cost ledger, on each engine."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.facts.cost.service import Ledger
from services.facts.cost.types import Added, Bearer, CostKind, Entry, Spent, Total, Use
from services.kernel.error import InvalidInput, NotFound
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.kernel.period import Period
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store

MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
AT = datetime(2026, 3, 14, 9, tzinfo=UTC)
LEDGER = Ledger()


def line(source: str, micros: int | None, model: str = "loan", currency: str = "USD") -> Entry:
    return Entry(
        source, CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal("0.5")),
        Money(currency, micros) if micros is not None else None,
        Bearer(model, 3, "run", "lending", "t1", "local"), AT, AT + timedelta(hours=1),
        price_id="p", kwh=Decimal("0.25"),
    )  # fmt: skip


def add(store: Store, *entries: Entry, action: str = "cost:recorded") -> Added:
    with store.unit(SYSTEM) as unit:
        return LEDGER.add(unit, entries, action=action)


def spent(store: Store, currency: str = "USD", **about: str) -> Spent:
    with store.reading() as session:
        return LEDGER.spent(session, currency, MARCH, **about)


def test_a_line_comes_back_as_it_was_added(store: Store) -> None:
    entry = line("a:1", 2_300)
    assert add(store, entry) == Added(1, 0)
    with store.reading() as session:
        [held] = LEDGER.of_ticket(session, "t1")
    assert held.entry == entry


def test_one_source_is_never_counted_twice(store: Store) -> None:
    first = line("a:1", 2_300)
    assert add(store, first) == Added(1, 0)
    with store.unit(SYSTEM) as unit:
        assert LEDGER.add(unit, [first, line("a:2", 700)]) == Added(1, 1)
        unit.event("workspace:opened", ("workspace", "w"))
    changed = replace(first, use=replace(first.use, quantity=Decimal(9)))
    with store.unit(SYSTEM) as unit:
        assert LEDGER.add(unit, [changed]) == Added(0, 1), "its line stays as it was"
    assert spent(store) == Spent(Money("USD", 3_000))
    with store.reading() as session:
        events = Trail(store).search(session, subject=("ticket", "t1"))
    assert [(e.action, e.payload["rows"]) for e in events] == [("cost:recorded", 1)] * 2


def test_what_no_ticket_ordered_is_no_part_of_what_tickets_spent(store: Store) -> None:
    mine = line("a:1", 1_000_000)
    add(store, mine)
    before = spent(store)
    served = replace(line("s:1", None), bearer=replace(mine.bearer, ticket_id=""))
    add(store, served)
    assert spent(store) == replace(before, unpriced=1)
    with store.reading() as session:
        assert LEDGER.spent(session, "USD", MARCH, ordered=True) == before


def test_what_is_unpriced_is_counted_until_it_is_corrected(store: Store) -> None:
    add(store, line("a:1", 1_000_000), line("a:2", None))
    assert spent(store) == Spent(Money("USD", 1_000_000), unpriced=1)
    assert not spent(store).is_whole
    later = replace(line("c:2", 500_000), corrects="a:2", use=Use("cpu", "cpu-hour", Decimal(0)))
    add(store, later, action="cost:corrected")
    assert spent(store) == Spent(Money("USD", 1_500_000))
    taken = replace(later, source_id="c:3", corrects="a:1", amount=Money("USD", -1_000_000))
    add(store, taken, action="cost:corrected")
    assert spent(store) == Spent(Money("USD", 500_000))
    with pytest.raises(NotFound, match="no cost 'a:9' to correct"):
        add(store, replace(taken, source_id="c:4", corrects="a:9"))


def test_totals_are_told_by_group_and_currency(store: Store) -> None:
    add(
        store, line("a:1", 1_000_000), line("a:2", -0, "churn"), line("a:3", 7, "churn", "EUR"),
        line("a:4", None, "churn"), line("a:5", None, "fraud"),
        replace(line("a:6", 5), starts_at=MARCH.end, ends_at=MARCH.end),
    )  # fmt: skip
    with store.reading() as session:
        found = LEDGER.totals(session, MARCH, ["model", "kind"])
        unpriced = LEDGER.unpriced(session, MARCH, ["model"])
        with pytest.raises(InvalidInput, match="nothing to add up by"):
            LEDGER.totals(session, MARCH, ["colour"])
    assert found == [
        Total(("churn", "training"), Money("EUR", 7), 1, 1),
        Total(("churn", "training"), Money("USD", 0), 1, 1),
        Total(("loan", "training"), Money("USD", 1_000_000), 1, 0),
    ]
    assert unpriced == {("churn",): 1, ("fraud",): 1}
    assert spent(store, model="churn") == Spent(Money("USD", 0), 1, (Money("EUR", 7),))


def test_sums_beyond_sixty_four_bits_are_exact(store: Store) -> None:
    most = 10**16
    days = [MARCH.start + timedelta(days=i % 31) for i in range(1_000)]
    add(
        store, line("a:0", 1),
        *(replace(line(f"b:{i}", most), starts_at=at, ends_at=at) for i, at in enumerate(days)),
    )  # fmt: skip
    assert spent(store).amount.micros == 1_000 * most + 1 > 2**63
    with store.reading() as session:
        [total] = LEDGER.totals(session, MARCH)
    assert total.amount.micros == 1_000 * most + 1


def test_days_come_to_what_lines_come_to(store: Store) -> None:
    """The same lines asked by whole days and by a stretch that is none, in any grouping."""
    drawn = random.Random(5)
    lines = [
        replace(
            line(f"l:{i}", drawn.choice([None, -7, 0, 3, 10**12]), drawn.choice(["loan", "churn"]), drawn.choice(["USD", "EUR"])),
            estimated=False,
            kind=drawn.choice(list(CostKind)),
            starts_at=(at := MARCH.start + timedelta(minutes=drawn.randrange(31 * 24 * 60))),
            ends_at=at,
        )
        for i in range(300)
    ]  # fmt: skip
    for start in range(0, 300, 50):
        add(store, *lines[start : start + 50])
    missing = [each for each in lines if each.amount is None]
    for number, each in enumerate([*missing[:5], missing[0]]):
        cheap = replace(
            each, source_id=f"c:{number}", corrects=each.source_id, amount=Money("USD", 1)
        )
        add(store, cheap, action="cost:corrected")
    nearly = Period(MARCH.start - timedelta(microseconds=1), MARCH.end)
    with store.reading() as session:
        for by in ([], ["model"], ["kind", "team"], ["team", "model", "kind"]):
            assert LEDGER.totals(session, MARCH, by) == LEDGER.totals(session, nearly, by)
            unpriced = LEDGER.unpriced(session, MARCH, by)
            assert unpriced == LEDGER.unpriced(session, nearly, by)
            assert sum(unpriced.values()) == len(missing) - 5
        for model in ("loan", "churn"):
            found = LEDGER.totals(session, MARCH, ["kind"], model=model)
            assert found == LEDGER.totals(session, nearly, ["kind"], model=model)
