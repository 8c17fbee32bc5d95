"""What one ticket may use, and what it used so far."""

from collections.abc import Sequence
from datetime import datetime

from services.decisions.recipe.types import Recipe
from services.decisions.retraining.types import Attempt, Ticket
from services.kernel.money import Money
from services.workflows.engine.types import Capabilities, Status
from services.workflows.retraining.guarding import Limits, Spending
from services.workflows.retraining.ports import Rules


def limits(rules: Rules, recipe: Recipe, engine: Capabilities) -> Limits:
    """Return what a ticket may use in all."""
    return Limits(
        caps=rules.caps,
        gpu_hours=rules.gpu_hours,
        wall_seconds=rules.wall_seconds,
        attempt_seconds=None if engine.limits_time else float(recipe.needs.seconds),
    )


def spending(
    ticket: Ticket,
    attempts: Sequence[Attempt],
    status: Status | None,
    per_hour: Money | None,
    gpus: int,
    now: datetime,
) -> Spending:
    """Return what a ticket used: the attempts that are over, and the one that runs.

    Parameters
    ----------
    status
        Of the attempt that runs; None while none does.
    """
    over = [_seconds(each) for each in attempts if each.finished_at is not None]
    before = ticket.spent
    if not over and per_hour is not None:
        before = Money.none(per_hour.currency)
    return Spending(
        before=before,
        per_hour=per_hour,
        seconds=_running(status, now),
        gpus=gpus,
        gpu_seconds_before=gpus * sum(over),
        seconds_before=sum(over),
    )


def _seconds(attempt: Attempt) -> float:
    if attempt.started_at is None or attempt.finished_at is None:
        return 0.0
    return max(0.0, (attempt.finished_at - attempt.started_at).total_seconds())


def _running(status: Status | None, now: datetime) -> float:
    if status is None or status.started_at is None:
        return 0.0
    return max(0.0, (now - status.started_at).total_seconds())
