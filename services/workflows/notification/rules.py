"""How long a message is tried, and what follows from an answer; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.workflows.notification.types import Answer, Delivery, DeliveryState, Outcome

TRIED_FOR = timedelta(hours=2)
_PACE = (
    (timedelta(minutes=10), timedelta(seconds=30)),
    (timedelta(minutes=30), timedelta(minutes=1)),
    (TRIED_FOR, timedelta(minutes=5)),
)
_FIRST = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Next:
    """Where a delivery goes from here.

    Attributes
    ----------
    at
        When it is tried again; None when it is not.
    """

    state: DeliveryState
    at: datetime | None = None


def pause(attempts: int, age: timedelta) -> timedelta:
    """Return how long to wait after a try in vain.

    Parameters
    ----------
    attempts
        Tries so far, from 1.
    age
        Time since the message was asked for.

    Notes
    -----
    10, 20, then 30 seconds; every minute from ten minutes on, every five from half an hour on. A
    receiver that was down for two minutes is told within half a minute of its return.
    """
    longest = next((pace for until, pace in _PACE if age < until), _PACE[-1][1])
    return min(longest, _FIRST * attempts)


def follows(delivery: Delivery, answer: Answer, now: datetime) -> Next:
    """Return what follows from an answer to a delivery that is being sent.

    Notes
    -----
    A message that perhaps arrived is sent again only to a receiver that takes the same message
    twice for one; whoever calls has decided that already by passing ``UNREACHED``.
    """
    if answer.outcome is Outcome.DELIVERED:
        return Next(DeliveryState.DELIVERED)
    if answer.outcome is Outcome.REFUSED:
        return Next(DeliveryState.FAILED)
    if answer.outcome is Outcome.UNSURE:
        return Next(DeliveryState.UNSURE)
    wait = pause(delivery.attempts, now - delivery.created_at)
    at = now + max(wait, timedelta(seconds=answer.wait_seconds or 0.0))
    if at > delivery.created_at + TRIED_FOR:
        return Next(DeliveryState.GIVEN_UP)
    return Next(DeliveryState.PENDING, at)
