"""Reasons to stop a training, each by its numbers."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from services.decisions.recipe.guards import Guards
from services.kernel.money import Money
from services.workflows.engine.types import MARK, GpuUse, Usage
from services.workflows.retraining.guarding import (
    Cap,
    Limits,
    Spending,
    StopKind,
    asleep,
    diverged,
    idle,
    nearly,
    over_budget,
    pause_before,
    silent,
)
from services.workflows.retraining.progress import Heard, hear

NOW = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
LOSS = Guards(metric="loss", patience=3, least=0.01, baseline=0.9, after=2)


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def losses(*values: object, guards: Guards = LOSS) -> Heard:
    lines = [MARK + json.dumps({"step": n, "metrics": {"loss": v}}) for n, v in enumerate(values)]
    return hear(Heard(), lines, guards)


def spending(seconds: float, *, per_hour: str | None = "3600", before: str = "0") -> Spending:
    """A dollar a second, unless it has no price."""
    return Spending(usd(before), usd(per_hour) if per_hour else None, seconds, gpus=2)


def test_a_log_is_read_line_by_line_and_what_says_nothing_is_passed_over() -> None:
    lines = [
        "Epoch 1",
        MARK + "{broken",
        MARK + "[1, 2]",
        MARK + '{"device": "cpu"}',
        MARK + '{"resumed_from": {"step": 2}}',
        "12:00 " + MARK + '{"step": 3, "metrics": {"loss": 0.5, "rows": 10, "note": "x"}}',
    ]
    heard = hear(Heard(), lines, LOSS)
    assert (heard.device, heard.resumed_from, heard.step) == ("cpu", "step 2", 3)
    assert heard.metrics == {"loss": 0.5, "rows": 10}
    assert (heard.evaluations, heard.best) == (1, 0.5)


def test_reading_a_log_in_pieces_is_reading_it_whole() -> None:
    lines = [MARK + json.dumps({"metrics": {"loss": 1 / n}}) for n in range(1, 9)]
    pieces = Heard()
    for line in lines:
        pieces = hear(pieces, [line], LOSS)
    assert pieces == hear(Heard(), lines, LOSS)


@pytest.mark.parametrize("lost", [float("nan"), float("inf"), "NaN", "-inf"])
def test_no_number_twice_in_a_row_stops_and_once_does_not(lost: object) -> None:
    assert diverged(losses(0.5, lost, 0.4, lost), LOSS) is None
    stop = diverged(losses(0.5, lost, lost), LOSS)
    assert stop is not None
    assert stop.kind is StopKind.DIVERGED
    assert "no number 2 times in a row" in stop.words


def test_where_no_metric_is_watched_any_that_is_no_number_counts() -> None:
    heard = losses(float("nan"), float("nan"), guards=Guards())
    stop = diverged(heard, Guards())
    assert stop is not None
    assert diverged(losses(0.5, 0.5, 0.5, 0.5, 0.5, guards=Guards()), Guards()) is None


def test_a_plateau_is_so_many_evaluations_without_more_than_the_least_gain() -> None:
    assert diverged(losses(0.5, 0.495, 0.494), LOSS) is None
    stop = diverged(losses(0.5, 0.495, 0.494, 0.493), LOSS)
    assert stop is not None
    assert "has not improved on 0.5 for 3 evaluations" in stop.words
    assert diverged(losses(0.5, 0.495, 0.494, 0.48), LOSS) is None


def test_more_is_better_where_the_recipe_says_so() -> None:
    rising = Guards(metric="auc", maximise=True, patience=2, baseline=0.6, after=2)
    lines = [MARK + json.dumps({"metrics": {"auc": v}}) for v in (0.7, 0.8, 0.9)]
    assert diverged(hear(Heard(), lines, rising), rising) is None
    low = [MARK + json.dumps({"metrics": {"auc": v}}) for v in (0.5, 0.55)]
    stop = diverged(hear(Heard(), low, rising), rising)
    assert stop is not None
    assert "worse than the baseline of 0.6" in stop.words


def test_worse_than_the_baseline_counts_after_the_evaluations_the_recipe_grants() -> None:
    assert diverged(losses(1.5), LOSS) is None
    assert diverged(losses(1.5, 1.2), LOSS) is not None
    assert diverged(losses(1.5, 0.8), LOSS) is None


def test_money_stops_at_the_cap_and_not_before() -> None:
    limits = Limits((Cap("this ticket", usd("50"), usd("0")),))
    assert over_budget(limits, spending(49)) is None
    stop = over_budget(limits, spending(50))
    assert stop is not None
    assert stop.kind is StopKind.BUDGET
    assert stop.words == "The budget of this ticket, 50.00 USD, is used up."


def test_what_would_be_passed_before_the_next_look_is_passed_now() -> None:
    limits = Limits((Cap("this ticket", usd("50"), usd("0")),))
    assert over_budget(limits, spending(49.4), ahead=0.5) is None
    assert over_budget(limits, spending(49.5), ahead=0.5) is not None


def test_earlier_attempts_and_what_others_spent_count() -> None:
    month = Cap("team labs this month", usd("100"), usd("40"))
    assert over_budget(Limits((month,)), spending(29, before="30")) is None
    stop = over_budget(Limits((month,)), spending(30, before="30"))
    assert stop is not None
    assert "team labs this month" in stop.words


def test_what_has_no_price_is_held_by_hours_and_time() -> None:
    cap = Cap("this ticket", usd("1"), usd("0"))
    unpriced = spending(1800, per_hour=None)
    assert over_budget(Limits((cap,)), unpriced) is None
    stop = over_budget(Limits((cap,), gpu_hours=1.0), unpriced)
    assert stop is not None
    assert "1 GPU hours" in stop.words
    assert over_budget(Limits((cap,), wall_seconds=1800), unpriced) is not None
    assert over_budget(Limits((cap,), wall_seconds=1801), unpriced) is None


def test_one_attempt_ends_at_its_own_limit_where_the_engine_does_not_end_it() -> None:
    stop = over_budget(Limits(attempt_seconds=60), spending(60))
    assert stop is not None
    assert stop.kind is StopKind.TIME


def test_silence_stops_where_the_recipe_says_for_how_long() -> None:
    quiet = Guards(silent_seconds=30)
    assert silent(NOW, NOW + timedelta(seconds=29), quiet) is None
    assert silent(NOW, NOW + timedelta(seconds=30), quiet) is not None
    assert silent(NOW, NOW + timedelta(days=9), Guards()) is None


def gpus(*busy: float, idle_since: datetime | None = None) -> Usage:
    used = tuple(GpuUse(n, "H100", share, 0.0, 80_000.0) for n, share in enumerate(busy))
    return Usage(NOW, 60.0, gpu_idle_since=idle_since, gpus=used)


def test_an_idle_gpu_warns_and_a_sleeping_one_stops_where_the_policy_says_so() -> None:
    since, now = NOW, NOW + timedelta(minutes=10)
    warned, stop = idle(gpus(0.1, idle_since=since), None, now, stops=True)
    assert "below 20 %" in warned
    assert stop is None
    warned, stop = idle(gpus(0.01, idle_since=since), since, now, stops=True)
    assert stop is not None
    assert stop.kind is StopKind.IDLE
    warned, stop = idle(gpus(0.01, idle_since=since), since, now, stops=False)
    assert warned
    assert stop is None
    assert idle(gpus(0.01, idle_since=since), since, now - timedelta(seconds=1), stops=True) == ("", None)  # fmt: skip


def test_nothing_is_said_of_gpus_that_nobody_saw() -> None:
    later = NOW + timedelta(hours=9)
    assert idle(None, NOW, later, stops=True) == ("", None)
    assert idle(Usage(NOW, 60.0, gpu_idle_since=NOW), NOW, later, stops=True) == ("", None)
    assert not asleep(None)
    assert not asleep(Usage(NOW, 60.0))
    assert asleep(gpus(0.0, 0.04, idle_since=NOW))
    assert not asleep(gpus(0.0, 0.04)), "another one that was allocated does not answer"
    assert not asleep(gpus(0.0, 0.06, idle_since=NOW))


def test_pauses_double_and_end_somewhere() -> None:
    assert [pause_before(n) for n in (1, 2, 3, 4, 40)] == [0.0, 2.0, 4.0, 8.0, 300.0]


def test_four_fifths_of_a_budget_are_warned_of_and_what_has_no_price_is_not() -> None:
    caps = (Cap("this ticket", usd("100"), usd("0")), Cap("team labs", usd("200"), usd("120")))
    assert nearly(Limits(caps), spending(39)) == ""
    assert nearly(Limits(caps), spending(40)) == (
        "80 % of the budget of team labs, 200.00 USD, are used."
    )
    assert "this ticket, 100.00 USD" in nearly(Limits(caps), spending(85))
    assert nearly(Limits(caps), spending(85, per_hour=None)) == ""
    assert nearly(Limits((Cap("x", Money("EUR", 1), Money("EUR", 0)),)), spending(85)) == ""
