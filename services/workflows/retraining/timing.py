"""Timing two versions as equals: a busy moment is no property of a model."""

from collections.abc import Callable
from dataclasses import replace

from services.workflows.retraining.comparing import Scored

ROWS, MOST, SUSPICIOUS = 30, 3, 1.5


def fairly(new: Scored, old: Scored, again: Callable[[str], Scored]) -> tuple[Scored, Scored]:
    """Return both with their shortest times; where the new one looks slower both are timed again.

    Parameters
    ----------
    again
        Scores the ``challenger`` or the ``champion`` once more, on a few rows.

    Notes
    -----
    They are timed one after the other, minutes apart where the holdout is large. What is slower by
    itself is slower each time.
    """
    for _ in range(MOST):
        if not _looks_slower(new, old):
            break
        new, old = _quicker(new, again("challenger")), _quicker(old, again("champion"))
    return new, old


def _looks_slower(new: Scored, old: Scored) -> bool:
    mine, its = new.scores.latency_ms, old.scores.latency_ms
    return mine is not None and its is not None and mine > SUSPICIOUS * its


def _quicker(known: Scored, again: Scored) -> Scored:
    times = [each.scores.latency_ms for each in (known, again)]
    shortest = min((each for each in times if each is not None), default=None)
    return replace(known, scores=replace(known.scores, latency_ms=shortest))
