"""Whether a cause may open a ticket now: the pauses and limits of the policy and of each trigger."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.decisions.retraining.rules import held
from services.decisions.retraining.types import Cause, Ticket, TicketState, Trigger
from services.standards.policy.training import Retraining, TriggerRule

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
DRIFT = TriggerRule(Trigger.DRIFT, cooldown_days=30)
DATA = TriggerRule(Trigger.DATA, max_per_week=1)
PLAN = Retraining(on={Trigger.DRIFT: DRIFT, Trigger.DATA: DATA}, cooldown_days=0)


def ticket(trigger: Trigger, days_ago: float, state: TicketState = TicketState.REFUSED) -> Ticket:
    opened_at = NOW - timedelta(days=days_ago)
    return Ticket(
        f"t-{trigger}-{days_ago}", "m", "champion", None, Cause(trigger, f"{trigger}:m:{days_ago}", "Why."),
        "r", 1, "0" * 64, {}, "local", None, None, "", state, "", "system", opened_at, "Why.",
    )  # fmt: skip


def asked(trigger: Trigger, tickets: Sequence[Ticket], plan: Retraining = PLAN) -> str:
    return held(plan, Cause(trigger, f"{trigger}:m:new", "Why."), tickets, NOW)


def test_a_pause_of_one_trigger_holds_that_one_and_no_other() -> None:
    past = [ticket(Trigger.DRIFT, 10)]
    assert "for drift was opened on 20 June 2026; the policy lets 30 days" in asked(
        Trigger.DRIFT, past
    )
    assert asked(Trigger.DATA, past) == ""
    assert asked(Trigger.DRIFT, [ticket(Trigger.DRIFT, 30)]) == ""
    assert asked(Trigger.DRIFT, [ticket(Trigger.MANUAL, 1)]) == "", "people are not counted"


def test_a_limit_of_one_trigger_counts_that_one_alone() -> None:
    assert asked(Trigger.DATA, [ticket(Trigger.DATA, 2)]).startswith("New training data opened 1")
    assert asked(Trigger.DATA, [ticket(Trigger.DRIFT, 2), ticket(Trigger.DATA, 8)]) == ""


@pytest.mark.parametrize(("days", "most", "words"), [(7.0, None, "7 days"), (0.0, 1, "Triggers opened 1")])  # fmt: skip
def test_what_the_policy_says_holds_beside_it(days: float, most: int | None, words: str) -> None:
    plan = replace(PLAN, cooldown_days=days, max_per_week=most)
    assert words in asked(Trigger.DATA, [ticket(Trigger.DRIFT, 2)], plan)


def test_a_ticket_that_is_open_holds_every_trigger() -> None:
    assert "is open for this model" in asked(Trigger.DATA, [ticket(Trigger.DRIFT, 90, TicketState.QUEUED)])  # fmt: skip
