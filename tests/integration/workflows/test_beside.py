"""What a window shows beside its rows: what was sent, what was worked out, who was selected."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from services.facts.kpi.service import PushedValues
from services.facts.kpi.types import KPI, PushedValue
from services.facts.window.types import Granularity, Monitor, WindowMetric
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM, ModelRef
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.policy.types import Requirement
from services.standards.target.service import Targets
from services.standards.target.types import Kpi
from services.workflows.monitoring.beside import Beside, MarkedRows, audit_in
from tests.support.watched import Day
from tests.unit.facts.log_rows import END, START, labelled

N = 300
DAY = timedelta(days=1)
REF = ModelRef("default", "default", "loan", 1, "run-1", "x")
MONITOR = Monitor("m", REF, Granularity.DAY, "classification", (), "0" * 64, 100, START, 0.5, 1)
FAIR = Requirement("fairness", min_n=30, attributes=("race",), favourable=1, reference={"race": "White"})  # fmt: skip
PEOPLE = pa.table(
    {"prediction_id": [f"p{k}" for k in range(N)], "a_race": ["White", "Black", "Asian"] * (N // 3)}
)


@dataclass
class Log:
    """Protected attributes of one day, and how often rows were contradicted."""

    held: pa.Table = field(default_factory=lambda: PEOPLE)

    def protected(self, model: str, day: date) -> pa.Table:
        return self.held if (model, day) == ("loan", START.date()) else pa.table({})

    def contradicting(self, model: str, day: date) -> int:
        return {("loan", START.date()): 3}.get((model, day), 100)

    def tallies(self, model: str, since: date) -> list[Day]:
        del model
        return [Day(START.date() + k * DAY, 10, 5, "10.5") for k in range(3)]

    def day(self, model: str, day: date) -> pa.Table:
        del model, day
        return PEOPLE


def beside(store: Store, log: Log | None = None, fair: Requirement | None = FAIR) -> Beside:
    policy: Any = SimpleNamespace(evidence={"fairness": fair} if fair else {})
    return Beside(
        store, Targets(store, Authority()), PushedValues(store), log or Log(), lambda _: policy
    )


def rows(n: int = N) -> pa.Table:
    score = np.where(np.arange(n) % 3 == 1, 0.3, 0.7)
    ids = [f"p{k}" for k in range(n)]
    return labelled(n, [k % 2 for k in range(n)], prediction_id=ids, score=score)


def told(found: list[WindowMetric]) -> dict[tuple[str, str], float | None]:
    return {(each.metric, each.feature or each.segment): each.value for each in found}


def send(its: Beside, at: datetime, value: float) -> None:
    its.pushed.take([PushedValue("loan", KPI, "Approvals", at, value)], "t")


def test_a_window_shows_figures_of_the_business_and_who_was_selected(store: Store) -> None:
    its = beside(store)
    its.targets.set_as(SYSTEM, Kpi("loan", "Late", "1", "lower", 0.4, "share(outcome = 1)"))
    its.targets.set_as(SYSTEM, Kpi("loan", "Approvals", "1", "higher"))
    send(its, START + DAY / 2, 0.6)
    send(its, START - DAY, 0.9)
    found = told(its(MONITOR, rows(), Period(START, END)))
    assert found["kpi.value", "Late"] == 0.5
    assert found["kpi.value", "Approvals"] == 0.6
    assert found["data_quality.contradicting", ""] == 3.0
    assert found["fairness.impact_ratio", "race=Asian"] == 1.0
    assert found["fairness.impact_ratio", "race=Black"] == 0.0


def test_a_window_without_rows_shows_what_was_sent_and_no_more(store: Store) -> None:
    its = beside(store)
    its.targets.set_as(SYSTEM, Kpi("loan", "Late", "1", "lower", 0.4, "share(outcome = 1)"))
    send(its, START, 0.6)
    assert told(its(MONITOR, rows(0), Period(START, END))) == {("kpi.value", "Approvals"): 0.6}


def test_an_hour_has_no_count_of_contradictions_since_a_day_is_counted(store: Store) -> None:
    found = told(beside(store)(MONITOR, rows(), Period(START, START + timedelta(hours=1))))
    assert ("data_quality.contradicting", "") not in found
    assert ("fairness.selection_rate", "race=White") in found


@pytest.mark.parametrize(
    ("fair", "held"),
    [
        (None, PEOPLE),
        (Requirement("fairness", attributes=("race",)), PEOPLE),  # names no favourable outcome
        (FAIR, pa.table({})),
    ],
)
def test_without_a_standard_or_attributes_nobody_is_compared(
    store: Store, fair: Requirement | None, held: pa.Table
) -> None:
    found = beside(store, Log(held), fair)(MONITOR, rows(), Period(START, END))
    assert not any(each.metric.startswith("fairness.") for each in found)


def test_where_the_policy_names_no_attribute_all_that_are_there_are_compared() -> None:
    policy: Any = SimpleNamespace(evidence={"fairness": Requirement("fairness", favourable="yes")})
    found = audit_in(policy, PEOPLE)
    assert found is not None
    assert (found.attributes, found.favourable, found.min_n) == (("race",), "yes", 30)
    assert audit_in(None, PEOPLE) is None


def test_a_day_is_another_one_when_numbers_were_sent_or_a_formula_changed(store: Store) -> None:
    its = beside(store)
    log = MarkedRows(Log(), its)

    def stamps() -> list[str]:
        return [each.stamp for each in log.tallies("loan", date.min)]

    first = stamps()
    send(its, START + DAY, 0.6)
    second = stamps()
    assert [a == b for a, b in zip(first, second, strict=True)] == [True, False, True]
    its.targets.set_as(SYSTEM, Kpi("loan", "Late", "1", "lower", 0.4, "share(outcome = 1)"))
    third = stamps()
    assert all(a != b for a, b in zip(second, third, strict=True))
    its.targets.set_as(SYSTEM, Kpi("loan", "Late", "1", "lower", 0.3, "share(outcome = 1)"))
    assert stamps() == third  # another target is no other number
    assert log.day("loan", START.date()) is PEOPLE


def test_a_day_is_marked_by_how_many_numbers_about_it_came_and_when(
    store: Store, clock: FixedClock
) -> None:
    pushed, midnight = PushedValues(store), clock.now().replace(hour=0, minute=0)
    minute = timedelta(minutes=1)
    for at in (midnight - minute, midnight, midnight + minute):
        pushed.take([PushedValue(REF.name, "service.cpu_share", "", at, 0.5)], "token")
    with store.reading() as session:
        before = pushed.marks(session, REF.name)
        assert pushed.marks(session, "another") == {}
    assert {day: text[:2] for day, text in before.items()} == {
        (midnight - minute).date(): "1.", midnight.date(): "2.",
    }  # fmt: skip
    clock.advance(60)
    pushed.take([PushedValue(REF.name, "service.cpu_share", "", midnight, 0.6)], "token")
    with store.reading() as session:
        after = pushed.marks(session, REF.name)
    assert {day for day in after if after[day] != before[day]} == {midnight.date()}
