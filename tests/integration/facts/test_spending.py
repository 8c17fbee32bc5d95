"""What days and months come to, beside the lines themselves, on each engine."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from services.facts.cost import spending
from services.facts.cost.service import Ledger
from services.facts.cost.spending import About, Sum
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.record.trail.unit_of_work import Store

LEDGER = Ledger()
FIRST, LAST = date(2026, 1, 1), date(2026, 5, 1)


def line(
    source: str, micros: int | None, model: str = "loan", *, day: int = 14, month: int = 3,
    currency: str = "USD", kind: CostKind = CostKind.SERVING, estimated: bool = True,
) -> Entry:  # fmt: skip
    at = datetime(2026, month, day, 9, tzinfo=UTC)
    return Entry(
        source, kind, Use("cpu", "cpu-hour", Decimal("0.5")),
        Money(currency, micros) if micros is not None else None,
        Bearer(model, team="lending"), at, at + timedelta(hours=1), estimated=estimated,
    )  # fmt: skip


def add(store: Store, *entries: Entry) -> None:
    with store.unit(SYSTEM) as unit:
        LEDGER.add(unit, entries)


def months(store: Store, *by: str, about: About | None = None) -> list[Sum]:
    with store.reading() as session:
        return spending.of_months(session, FIRST, LAST, by, about)


def test_months_and_days_come_to_what_the_lines_come_to(store: Store) -> None:
    add(store, line("a", 2_300), line("b", 10**15 + 7, estimated=False), line("c", 5, month=2))
    add(store, line("d", 1, kind=CostKind.TRAINING), line("e", 40, currency="EUR"))
    assert months(store) == [
        Sum((), Money("EUR", 40), 1, 0, Money("EUR", 40)),
        Sum((), Money("USD", 10**15 + 2_313), 4, 0, Money("USD", 2_306)),
    ]
    with store.reading() as session:
        held = spending.of_days(session, FIRST, LAST, ("date", "kind"), About(currency="USD"))
        apart = spending.of_days(session, FIRST, LAST, ("date", "kind", "model", "team"))
        together = spending.of_days(session, FIRST, LAST, ("date", "kind", "team"))
        entry = sa.table("cost_entry", sa.column("micros"), sa.column("currency"))
        chosen = sa.select(sa.func.sum(entry.c.micros)).where(entry.c.currency == "USD")
        direct = int(session.execute(chosen).scalar_one())
    assert [(each.key, each.amount) for each in held] == [
        (("2026-02-14", "serving"), Money("USD", 5)),
        (("2026-03-14", "serving"), Money("USD", 10**15 + 2_307)),
        (("2026-03-14", "training"), Money("USD", 1)),
    ]
    assert sum(each.amount.micros for each in held if each.amount) == direct
    assert [(e.key, e.amount, e.lines, e.unpriced) for e in together] == [
        ((day, kind, team), e.amount, e.lines, e.unpriced)
        for e in apart
        for day, kind, _, team in [e.key]
    ], "whoever sees all models reads fewer rows and the same sums"


def test_what_has_no_price_is_counted_until_somebody_corrects_it(store: Store) -> None:
    add(store, line("a", None), line("b", None), line("c", 700))
    assert [(each.amount, each.unpriced) for each in months(store)] == [
        (None, 2), (Money("USD", 700), 0),
    ]  # fmt: skip
    add(store, replace(line("a:priced", 90), corrects="a"))
    counted = months(store, about=About(currency="USD"))
    assert [(each.amount, each.unpriced) for each in counted] == [
        (None, 1), (Money("USD", 790), 0),
    ]  # fmt: skip


def test_a_person_reads_the_models_and_teams_that_are_theirs(store: Store) -> None:
    add(store, line("a", 1), line("b", 20, "churn"), line("c", 300, ""), line("d", 4000, "fraud"))
    mine = About(models=("loan",), teams=("lending",))
    assert [each.key for each in months(store, "model", about=mine)] == [("",), ("loan",)]
    alone = About(models=("churn",))
    assert [each.amount for each in months(store, about=alone)] == [Money("USD", 20)]
    assert months(store, about=About(models=())) == []


def test_the_dearest_models_stand_first_and_the_others_are_counted(store: Store) -> None:
    add(store, *(line(f"a{n}", n, f"m{n}") for n in (3, 1, 2)), line("x", 10**9, ""))
    add(store, line("y", 500, "m1", currency="EUR"), line("z", None, "m0"))
    with store.reading() as session:
        found = spending.largest(session, spending.MONTHS, (FIRST, LAST), About(currency="USD"), 2)
        kinds = spending.currencies(session, FIRST, LAST, About())
    assert found == (["m3", "m2"], 4)
    assert kinds == ["USD", "EUR"]
