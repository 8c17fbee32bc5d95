"""Runs of MLflow in the ledger: each once, by what it ran on, and corrected when more is known."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session

from services.facts.cost.service import Ledger
from services.facts.cost.types import Bearer, CostKind, Entry, Line, Use
from services.facts.registry.types import Run
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.grid.service import Grids
from services.standards.price.service import Prices
from services.standards.price.types import Market, PriceForm, Term
from services.workflows.costing import repository
from services.workflows.costing.charging import Charging
from services.workflows.costing.ports import Rooms
from services.workflows.costing.pricing import Whose
from services.workflows.costing.tariffs import Tariffs
from services.workflows.costing.types import RunState

BEGAN = datetime(2026, 3, 14, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
FOUR = {"countersign.cpus": "4"}
"""Four processors: 0.16 USD an hour by the sample."""


class Server:
    """The runs of an MLflow that a test may change."""

    def __init__(self) -> None:
        self.known: dict[str, Run] = {}
        self.of: dict[str, Whose] = {}

    def put(self, run_id: str, hours: float | None = 1, after: float = 0, **tags: str) -> None:
        began = BEGAN + after * HOUR
        self.known[run_id] = Run(
            run_id, "1", "ada", "RUNNING" if hours is None else "FINISHED", began,
            None if hours is None else began + hours * HOUR, None, {}, {},
            {key.replace("__", "."): value for key, value in tags.items()},
        )  # fmt: skip

    def ended_runs(self, since: datetime) -> Iterator[Run]:
        over = [(r.ended_at, r.run_id) for r in self.known.values() if r.ended_at]
        yield from (self.known[run_id] for at, run_id in sorted(over) if at >= since)

    def running(self) -> Iterator[Run]:
        yield from (each for each in self.known.values() if each.ended_at is None)

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        return [self.known[each] for each in run_ids if each in self.known]

    def whose(self, session: Session, runs: Sequence[Run]) -> dict[str, Whose]:
        del session
        return {each.run_id: self.of.get(each.run_id, Whose()) for each in runs}


class Bench:
    """A server, the duty over it, and what the ledger says."""

    def __init__(self, store: Store) -> None:
        self.store, self.server, self.ledger = store, Server(), Ledger()
        prices, grids = Prices(store, Authority()), Grids(store, Authority())
        prices.publish_sample()
        grids.publish_sample()

        def tariffs(session: Session) -> Tariffs:
            return Tariffs(session, prices, grids)

        rooms = Rooms(store, self.ledger, self.server, tariffs, self.server.whose)
        self.duty = Charging(rooms)

    def lines(self, run_id: str) -> list[Line]:
        with self.store.reading() as session:
            return self.ledger.of_run(session, run_id)

    def cost(self, run_id: str) -> int:
        return sum(each.entry.amount.micros for each in self.lines(run_id) if each.entry.amount)

    def state(self, run_id: str) -> tuple[RunState, str]:
        with self.store.reading() as session:
            found = repository.known(session, [run_id])[run_id]
        return found.state, found.words

    def unpriced(self) -> int:
        with self.store.reading() as session:
            return self.ledger.unpriced(session, DAY).get((), 0)


@pytest.fixture
def bench(sqlite_store: Store) -> Bench:
    return Bench(sqlite_store)


def test_a_run_is_charged_once_by_what_it_says_it_ran_on(bench: Bench) -> None:
    bench.server.put("r1", 2, **FOUR)
    bench.server.of["r1"] = Whose("loan", 3, "lending", "loans")
    assert bench.duty.look() == 1
    assert bench.duty.look() == 0
    assert Charging(bench.duty._at).look() == 0
    [line] = bench.lines("r1")
    assert line.entry.amount == Money("USD", 320_000)
    assert line.entry.bearer == Bearer("loan", 3, "r1", "lending", "", "", "loans")
    assert line.entry.kwh == Decimal("0.016960")  # 8 CPU-hours at 2.12 W
    assert line.entry.kg == Decimal("0.008158")
    assert line.entry.grid_id


def test_a_run_that_says_nothing_is_unpriced_until_it_is_tagged(bench: Bench) -> None:
    bench.server.put("r1", 2)
    bench.duty.look()
    assert (bench.cost("r1"), bench.unpriced()) == (0, 1)
    assert bench.state("r1") == (RunState.CHARGED, "says nothing of what it ran on")
    bench.server.put("r1", 2, **FOUR)
    assert bench.duty.look() == 1
    assert (bench.cost("r1"), bench.unpriced()) == (320_000, 0)
    assert bench.state("r1") == (RunState.CHARGED, "")


def test_a_run_is_priced_by_a_later_price_of_its_own_region_and_term_alone(
    bench: Bench, clock: FixedClock
) -> None:
    spot = {"instance_type": "x9.large", "provider": "aws", "region": "eu", "term": "spot"}
    bench.server.put("r1", 2, **spot)
    assert bench.duty.look() == 1
    clock.advance(60)
    publish(bench, Market("aws", "eu"), "9")
    assert bench.duty.look() == 1
    assert (bench.cost("r1"), bench.unpriced()) == (0, 1), "spot is never priced on demand"
    clock.advance(60)
    publish(bench, Market("aws", "eu", Term.SPOT), "3")
    assert bench.duty.look() == 1
    assert (bench.cost("r1"), bench.unpriced()) == (6_000_000, 0)
    clock.advance(60)
    publish(bench, Market("", "", Term.SPOT), "7")
    assert bench.duty.look() == 0, "what has a price keeps it"


def publish(bench: Bench, market: Market, amount: str) -> None:
    form = PriceForm(
        "x9.large", "instance-hour", market, Money.parse(amount, "USD"), DAY.start, None, "contract"
    )
    Prices(bench.store, Authority()).publish_as(SYSTEM, [form])


def test_a_search_is_charged_once_and_its_trials_are_within_it(bench: Bench) -> None:
    put = bench.server.put
    put("root", None, **FOUR)
    put("t1", 0.5, 0.1, mlflow__parentRunId="root", **FOUR)
    put("t2", 0.5, 0.7, mlflow__parentRunId="root", **FOUR)
    bench.duty.look()
    assert bench.state("t1")[0] is bench.state("t2")[0] is RunState.WAITING
    assert bench.state("root")[0] is RunState.RUNNING
    put("root", 2, **FOUR)
    bench.duty.look()
    assert [bench.cost(each) for each in ("root", "t1", "t2")] == [320_000, 0, 0]
    assert bench.lines("root")[0].entry.kind is CostKind.SEARCH
    assert bench.state("t1") == (RunState.WITHIN, "")
    put("t3", 2, 1.5, mlflow__parentRunId="root", **FOUR)
    bench.duty.look()
    assert bench.cost("t3") == 240_000  # an hour and a half of it after the whole was over


def test_trials_that_say_what_they_ran_on_pay_for_a_parent_that_does_not(bench: Bench) -> None:
    bench.server.put("root", 3)
    for name in ("t1", "t2"):
        bench.server.put(name, 1, mlflow__parentRunId="root", **FOUR)
    bench.duty.look()
    assert [bench.cost(each) for each in ("root", "t1", "t2")] == [0, 160_000, 160_000]
    assert bench.state("root")[0] is RunState.WITHIN
    assert bench.unpriced() == 0


def test_our_own_job_is_charged_by_its_attempts_alone(bench: Bench) -> None:
    bench.server.put("r1", 1, countersign__job_id="t1", **FOUR)
    bench.server.put("t", 1, mlflow__parentRunId="r1", **FOUR)
    bench.server.put("r2", 1, **FOUR)
    attempt = Entry(
        "attempt:a:cpu", CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(1)), Money("USD", 1),
        Bearer("loan", run_id="r2"), BEGAN, BEGAN,
    )  # fmt: skip
    with bench.store.unit(SYSTEM) as unit:
        bench.ledger.add(unit, [attempt])
    bench.duty.look()
    assert [bench.cost(each) for each in ("r1", "t", "r2")] == [0, 0, 1]
    assert bench.state("r2")[0] is bench.state("t")[0] is RunState.OURS


def test_a_run_that_never_ends_is_said_so_and_not_charged_for_ever(
    bench: Bench, clock: FixedClock
) -> None:
    bench.server.put("root", None, **FOUR)
    bench.server.put("t1", 1, mlflow__parentRunId="root", **FOUR)
    bench.duty.look()
    assert bench.state("t1")[0] is RunState.WAITING
    clock.advance(8 * 86_400)
    bench.duty.look()
    state, words = bench.state("root")
    assert (state, bench.lines("root")) == (RunState.OVERDUE, [])
    assert "has not ended since 2026-03-14" in words
    assert bench.cost("t1") == 160_000
    del bench.server.known["root"]
    bench.server.put("other", None, 190, **FOUR)
    bench.duty.look()
    del bench.server.known["other"]
    bench.duty.look()
    assert "was deleted in MLflow" in bench.state("other")[1]


def test_a_run_that_ends_before_it_begins_is_found_and_costs_nothing_below_zero(
    bench: Bench,
) -> None:
    bench.server.put("r1", -1, **FOUR)
    bench.duty.look()
    state, words = bench.state("r1")
    assert state is RunState.SKEWED
    assert "is a clock wrong" in words
    assert (bench.cost("r1"), bench.unpriced()) == (0, 1)


def test_what_was_nobodys_goes_to_the_model_that_was_made_of_it(bench: Bench) -> None:
    bench.server.put("r1", 1, **FOUR)
    bench.duty.look()
    bench.server.of["r1"] = Whose("loan", 1, "lending")
    assert bench.duty.look() == 1
    with bench.store.reading() as session:
        found = bench.ledger.totals(session, DAY, ["model"])
        hours = bench.ledger.quantities(session, DAY, ["model"])
    assert {each.key[0]: each.amount.micros for each in found} == {"": 0, "loan": 160_000}
    held = {each.key[0]: each.quantity for each in hours if each.unit == "cpu-hour"}
    assert held == {"": 0, "loan": 4}
    assert bench.duty.look() == 0


def test_process_seconds_are_charged_where_nothing_else_is_known(bench: Bench) -> None:
    bench.server.put("r1", 1)
    used = {"countersign.cpu_seconds": 36.0}
    bench.server.known["r1"] = replace(bench.server.known["r1"], metrics=used)
    bench.duty.look()
    assert bench.cost("r1") == 400  # a hundredth of an hour
    assert bench.state("r1") == (RunState.CHARGED, "")


def test_a_run_is_charged_when_what_belongs_to_it_had_time_to_come(
    bench: Bench, clock: FixedClock
) -> None:
    bench.server.put("r1", 3.19, **FOUR)  # it ended half a minute ago
    assert bench.duty.look() == 0
    clock.advance(120)
    assert bench.duty.look() == 1
    bench.server.put("r2", 24, **FOUR)  # its clock is ahead
    assert bench.duty.look() == 1


def test_a_run_that_never_ends_is_kept_with_the_model_whose_owner_ought_to_know(
    bench: Bench,
) -> None:
    bench.server.put("r1", None)
    bench.server.of["r1"] = Whose("loan", None, "lending", "loans")
    bench.duty._going.note(BEGAN + timedelta(days=8))
    with bench.store.reading() as session:
        run = repository.known(session, ["r1"])["r1"]
    assert (run.state, run.model) == (RunState.OVERDUE, "loan")
