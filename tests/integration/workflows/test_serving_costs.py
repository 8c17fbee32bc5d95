"""Days of serving in the ledger: from the prediction log, and from servers once they report."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from sqlmodel import Session

from services.facts.cost.service import Ledger
from services.facts.kpi.service import PushedValues
from services.facts.kpi.types import PushedValue
from services.facts.prediction.types import DayTally
from services.facts.registry.service import Registry
from services.kernel.clock import FixedClock
from services.kernel.period import Period
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.governance.service import Governance
from services.standards.grid.service import Grids
from services.standards.price.service import Prices
from services.workflows.costing.serving import Rooms, Serving
from services.workflows.costing.tariffs import Tariffs
from services.workflows.sync.service import Sync
from tests.support.fake_mlflow import FakeMlflow

DAY = date(2026, 3, 13)
MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
TWO = {"cpus": "2", "memory_gb": "4"}


class Log:
    """A prediction log of which a test says what it holds."""

    def __init__(self) -> None:
        self.held: dict[date, list[tuple[int, float | None]]] = {}
        self._states: Mapping[date, int] = {}

    def put(self, day: date, *rows: tuple[int, float | None]) -> None:
        self.held[day] = [*self.held.get(day, []), *rows]
        self._states = {each: len(its) for each, its in self.held.items()}

    def states(self, model: str) -> Mapping[date, int]:
        return self._states if model == "loan" else {}

    def tallies(self, model: str, since: date | None = None) -> list[DayTally]:
        del since
        held = self.held if model == "loan" else {}
        return [DayTally(day, len(its), 0, "") for day, its in sorted(held.items())]

    def day(self, model: str, day: date, columns: Sequence[str] | None = None) -> pa.Table:
        assert (model, columns) == ("loan", ("version", "latency_ms"))
        rows = self.held.get(day, [])
        return pa.table({"version": [v for v, _ in rows], "latency_ms": [ms for _, ms in rows]})


class Bench:
    def __init__(self, store: Store) -> None:
        self.store, self.log, self.ledger = store, Log(), Ledger()
        self.mlflow, self.pushed = FakeMlflow(), PushedValues(store)
        prices, grids = Prices(store, Authority()), Grids(store, Authority())
        prices.publish_sample()
        grids.publish_sample()

        def tariffs(session: Session) -> Tariffs:
            return Tariffs(session, prices, grids)

        self.duty = Serving(
            Rooms(
                store, self.ledger, Registry(), Governance(store, Authority()), self.log, self.pushed,
                tariffs,
            )
        )  # fmt: skip
        self.mlflow.add("loan")
        self.sync()

    def declare(self, **tags: str) -> None:
        """Say what serves the model, and let the console know."""
        self.mlflow.models["loan"].tags |= {f"countersign.serving.{k}": v for k, v in tags.items()}
        self.mlflow.models["loan"].touched += 1
        self.sync()

    def sync(self) -> None:
        Sync(self.store, self.mlflow).look()

    def costs(self) -> dict[str, int]:
        with self.store.reading() as session:
            found = self.ledger.totals(session, MARCH, ["kind"], model="loan")
        return {each.key[0]: each.amount.micros for each in found}

    def unpriced(self) -> int:
        with self.store.reading() as session:
            return self.ledger.unpriced(session, MARCH).get((), 0)

    def requests(self) -> int:
        with self.store.reading() as session:
            found = self.ledger.quantities(session, MARCH, model="loan")
        return sum(int(each.quantity) for each in found if each.unit == "request")


@pytest.fixture
def bench(sqlite_store: Store) -> Bench:
    return Bench(sqlite_store)


def test_a_day_is_charged_once_and_late_rows_are_a_correction(bench: Bench) -> None:
    bench.declare(**TWO)
    bench.log.put(DAY, (1, 1_800_000.0), (1, 1_800_000.0))
    bench.log.put(DAY + timedelta(days=1), (1, 5.0))  # today: not over yet
    assert bench.duty.look() == 1
    assert bench.duty.look() == 0
    assert (bench.costs(), bench.requests()) == ({"serving": 100_000}, 2)
    bench.log.put(DAY, (1, None), (1, None))
    assert bench.duty.look() == 1
    assert (bench.costs(), bench.requests()) == ({"serving": 200_000}, 4)
    with bench.store.reading() as session:
        told = Trail(bench.store).search(session, subject=("model", "loan"))
    assert [each.action for each in told if each.action.startswith("cost:")] == ["cost:corrected", "cost:recorded"]  # fmt: skip


def test_a_model_without_declared_hardware_is_unpriced_until_a_tag_says_what_serves_it(
    bench: Bench, clock: FixedClock
) -> None:
    bench.log.put(DAY, (1, 3_600_000.0))
    bench.duty.look()
    assert (bench.costs(), bench.unpriced(), bench.requests()) == ({}, 1, 1)
    bench.declare(**TWO)
    clock.advance(600)
    assert bench.duty.look() == 1
    assert (bench.costs(), bench.unpriced(), bench.requests()) == ({"serving": 100_000}, 0, 1)


def test_other_hardware_changes_no_day_before_it_was_declared(
    bench: Bench, clock: FixedClock
) -> None:
    bench.declare(**TWO)
    clock.advance(86_400)
    bench.log.put(DAY + timedelta(days=1), (1, 3_600_000.0))
    bench.duty.look()
    bench.declare(cpus="4", memory_gb="8")
    bench.mlflow.add("loan")
    bench.sync()
    clock.advance(86_400)
    bench.log.put(DAY + timedelta(days=2), (1, 3_600_000.0))
    bench.duty.look()
    assert bench.costs() == {"serving": 100_000 + 200_000}
    with bench.store.reading() as session:
        assert all(
            not each.entry.corrects for each in bench.ledger.of_model(session, "loan", MARCH)
        )


def test_hours_of_servers_take_the_place_of_the_estimate_and_stay_when_the_reports_are_gone(
    bench: Bench,
) -> None:
    bench.declare(**TWO)
    bench.log.put(DAY, (1, 3_600_000.0))
    bench.duty.look()
    start = datetime(2026, 3, 13, 8, tzinfo=UTC)
    bench.pushed.take(
        [
            PushedValue("loan", "service.cpu_share", "", start + timedelta(minutes=5 * i), 0.25)
            for i in range(25)
        ],
        "token",
    )
    assert bench.duty.look() == 1
    assert bench.costs() == {"serving": 50_000, "idle": 150_000}
    assert bench.requests() == 1
    bench.pushed.forget("loan", MARCH.end)
    bench.duty.look()
    assert bench.costs() == {"serving": 50_000, "idle": 150_000}
