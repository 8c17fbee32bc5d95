"""How often machines were taken away: only hours in which one might have been."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.decisions.retraining.types import Attempt, AttemptState
from services.facts.utilisation.spot import Interruptions
from services.workflows.costing.saving import observed

AT = datetime(2026, 3, 14, tzinfo=UTC)
SPOT = Attempt(
    "a", "t", 1, "k8s", "h", AttemptState.SUCCEEDED, "", preempted=False, resumed_from="",
    created_at=AT, started_at=AT, finished_at=AT + timedelta(hours=10), exit_code=0, spot=True,
)  # fmt: skip
STAYS = replace(SPOT, spot=False, finished_at=AT + timedelta(hours=90))


def test_hours_on_machines_that_stay_do_not_make_spot_look_safer() -> None:
    taken = replace(SPOT, preempted=True)
    assert observed([SPOT, taken, STAYS]) == Interruptions(20.0, 1)


def test_an_engine_that_takes_machines_away_unasked_counts_with_all_its_hours() -> None:
    taken = replace(STAYS, preempted=True, finished_at=AT + timedelta(hours=10))
    assert observed([taken, STAYS, replace(STAYS, engine="here")]) == Interruptions(100.0, 1)


def test_spot_that_was_never_taken_away_is_no_interruption_and_stays_unknown() -> None:
    found = observed([SPOT, STAYS])
    assert found == Interruptions(10.0, 0)
    assert found.mean_hours is None
