"""What follows, by how the attempts at a ticket stand: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.decisions.retraining.types import Attempt, AttemptState, TicketState
from services.workflows.retraining.guarding import StopKind, pause_before
from services.workflows.retraining.seen import Seen

INTERRUPTIONS = 10
STAYS = "the champion stays as it is"
ENDS = {
    StopKind.BUDGET: TicketState.STOPPED_BUDGET,
    StopKind.IDLE: TicketState.STOPPED_BUDGET,
    StopKind.DIVERGED: TicketState.STOPPED_DIVERGED,
    StopKind.SILENT: TicketState.STOPPED_DIVERGED,
    StopKind.TIME: TicketState.FAILED,
    StopKind.CANCELLED: TicketState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Try:
    """Make the next attempt, after some seconds."""

    number: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Watch:
    """Go on watching an attempt."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Evaluate:
    """Compare what came out with the champion."""


@dataclass(frozen=True, slots=True)
class Close:
    """End the ticket."""

    state: TicketState
    words: str


def following(
    attempts: Sequence[Attempt], seen: Seen | None, recalled: str, most: int, now: datetime
) -> Try | Watch | Evaluate | Close:
    """Return what follows.

    Parameters
    ----------
    attempts
        First one first.
    seen
        What the last one said; it tells why it was stopped.
    recalled
        Who asked that the ticket stops; empty while nobody did.
    most
        Attempts that were approved, those aside whose machine was taken away.
    """
    last = attempts[-1] if attempts else None
    if last is not None and last.state in (
        AttemptState.PENDING, AttemptState.RUNNING, AttemptState.UNKNOWN,
    ):  # fmt: skip
        return Watch(last)
    if recalled:
        return Close(TicketState.CANCELLED, f"It was cancelled; {STAYS}.")
    if last is None:
        return Try(1, 0.0)
    if last.state is AttemptState.SUCCEEDED:
        return Evaluate()
    if seen is not None and seen.stop_kind:
        state = ENDS[StopKind(seen.stop_kind)]
        return Close(state, f"{seen.stop_words.rstrip('.')}; {STAYS}.")
    return _after_failure(attempts, most, now)


def _after_failure(attempts: Sequence[Attempt], most: int, now: datetime) -> Try | Close:
    """Return what follows an attempt that did not succeed.

    Notes
    -----
    An attempt whose machine was taken away is not counted among those that were approved, up to
    ``INTERRUPTIONS``: it resumes, and the budget holds for all of them together.
    """
    last, number = attempts[-1], len(attempts)
    interrupted = sum(each.preempted for each in attempts)
    reason = last.reason.rstrip(".") or "Its engine gave no reason"
    if last.state is AttemptState.CANCELLED:
        return Close(TicketState.CANCELLED, f"It was stopped on its engine: {reason}; {STAYS}.")
    if last.state is AttemptState.TIME_LIMIT:
        return Close(
            TicketState.FAILED,
            f"Attempt {number} ran to its time limit; grant it more in the recipe; {STAYS}.",
        )
    if number - min(interrupted, INTERRUPTIONS) >= most:
        said = f"Attempt {number} of {most} {_words(last)}: {reason}"
        return Close(TicketState.FAILED, f"{said}; {STAYS}.")
    waited = (now - last.finished_at).total_seconds() if last.finished_at else 0.0
    return Try(number + 1, max(0.0, pause_before(number + 1) - waited))


def _words(attempt: Attempt) -> str:
    if attempt.preempted:
        return "was interrupted"
    return "was lost" if attempt.state is AttemptState.LOST else "failed"
