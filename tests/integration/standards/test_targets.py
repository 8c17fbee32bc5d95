"""Business figures: who defines them, and what they were before; on each engine."""

from datetime import UTC, datetime

import pytest

from services.kernel.clock import FixedClock
from services.kernel.error import InvalidInput, NotFound, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.people.account.types import Grant, Principal
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.target.service import Targets
from services.standards.target.types import Kpi

LATE = Kpi("flights", "Late flights announced", "1", "higher", 0.5, "share(prediction = 1 where outcome = 1)")  # fmt: skip


def holding(role: Role) -> Principal:
    signed_in = datetime(2026, 3, 14, tzinfo=UTC)
    grants = (Grant("p", role, "model", "flights"),)
    return Principal("p", "Pat", "pat@example.org", grants, (), "s", signed_in)


@pytest.fixture
def targets(store: Store) -> Targets:
    return Targets(store, Authority())


def known(store: Store, targets: Targets, at: datetime | None = None) -> list[Kpi]:
    with store.reading() as session:
        return targets.of_model(session, "flights", at)


def test_a_figure_that_is_defined_anew_is_remembered_as_it_was(
    store: Store, targets: Targets, clock: FixedClock
) -> None:
    first = targets.set(holding(Role.OWNER), LATE, "ops")
    assert first.since == clock.now()
    then = clock.now()
    clock.advance(86_400)
    targets.set_as(SYSTEM, Kpi("flights", LATE.name, "1", "higher", 0.6, LATE.formula))
    assert [each.target for each in known(store, targets)] == [0.6]
    assert [each.target for each in known(store, targets, then)] == [0.5]
    clock.advance(86_400)
    targets.remove(holding(Role.OWNER), "flights", LATE.name, "ops")
    assert known(store, targets) == []
    with store.reading() as session:
        actions = [
            each.action for each in Trail(store).search(session, subject=("model", "flights"))
        ]
    assert sorted(actions) == ["kpi:removed", "kpi:set", "kpi:set"]


def test_only_who_governs_the_model_defines_its_figures(targets: Targets) -> None:
    for role in (Role.VIEWER, Role.CONTRIBUTOR, Role.VALIDATOR):
        with pytest.raises(NotPermitted):
            targets.set(holding(role), LATE, "ops")
    with pytest.raises(NotFound):
        targets.remove(holding(Role.OWNER), "flights", "Profit", "ops")


@pytest.mark.parametrize(
    "wrong",
    [
        Kpi("flights", "", "1", "higher"),
        Kpi("flights", "two\nlines", "1", "higher"),
        Kpi("flights", "x", "", "higher"),
        Kpi("flights", "x", "1", "up"),
        Kpi("flights", "x", "1", "higher", float("nan")),
        Kpi("flights", "x", "1", "higher", None, "mean(caller_hash)"),
    ],
)
def test_a_figure_that_cannot_be_used_is_refused(
    store: Store, targets: Targets, wrong: Kpi
) -> None:
    with pytest.raises(InvalidInput):
        targets.set_as(SYSTEM, wrong)
    assert known(store, targets) == []


def test_a_target_is_met_or_not_and_without_one_nobody_can_tell() -> None:
    assert LATE.meets(0.5) is True
    assert LATE.meets(0.49) is False
    assert Kpi("m", "x", "EUR", "lower", 10.0).meets(10.1) is False
    assert Kpi("m", "x", "EUR", "lower").meets(3.0) is None
    assert not LATE.is_pushed
