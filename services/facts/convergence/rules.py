"""Which metric tells whether a run converges, and whether it does: pure functions."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from services.facts.convergence.types import Course, Doubt, DoubtKind

METRIC_TAG, MAXIMISE_TAG = "countersign.metric", "countersign.maximise"
LOST = 2
LEAST, PATIENCE = 20, 10
"""From so many evaluations on a plateau is looked for, and so many without a gain are the least."""
AFTER = 10
"""From so many evaluations on a run is held against what is in use."""
GAIN = 1e-4
"""What is improved by less than this share is not improved."""
SYSTEM = "system/"
_LESS = re.compile(r"loss|error|rmse|mae|mse|brier|perplexity|logloss|deviance")
_MORE = re.compile(r"auc|acc|f1|r2|precision|recall|ndcg|map\b|score|gini|kappa")
_HELD_OUT = re.compile(r"val|eval|test|holdout|dev")


def watched(names: Sequence[str], tags: Mapping[str, str]) -> tuple[str, bool | None] | None:
    """Return the metric that tells, and whether more of it is better; None where there is none.

    Notes
    -----
    The tags ``countersign.metric`` and ``countersign.maximise`` decide. Else a loss or an error, or a
    score, by its name; one on held-out rows before one on the rows of the training.
    """
    told = tags.get(METRIC_TAG, "")
    if told in names:
        said = tags.get(MAXIMISE_TAG, "").lower()
        return told, said in ("true", "1", "yes") if said else maximised(told)
    known = [each for each in sorted(names) if maximised(each) is not None]
    if not known:
        return None
    best = min(known, key=lambda each: (not _HELD_OUT.search(each.lower()), maximised(each), each))
    return best, maximised(best)


def maximised(name: str) -> bool | None:
    """Tell by its name whether more of a metric is better; None where the name does not say."""
    lower = name.lower()
    if lower.startswith(SYSTEM):
        return None
    if _LESS.search(lower):
        return False
    return True if _MORE.search(lower) else None


def doubts(course: Course) -> tuple[Doubt, ...]:
    """Return what speaks against a run; empty where nothing does, or too little was logged.

    Notes
    -----
    A plateau: of at least twenty evaluations the later half, ten at least, brought no gain of more than
    a ten-thousandth. Worse: after ten evaluations the best is behind what is in use.
    """
    return tuple(_doubts(course))


def _doubts(course: Course) -> Iterator[Doubt]:
    values, name = course.values, course.metric
    if len(values) >= LOST and not any(math.isfinite(each) for each in values[-LOST:]):
        lost = next((n for n, v in enumerate(reversed(values)) if math.isfinite(v)), len(values))
        yield Doubt(DoubtKind.NO_NUMBER, f"{name} was no number {lost} times in a row.")
        return
    finite = [each for each in values if math.isfinite(each)]
    if course.maximise is None or not finite:
        return
    best, since = _best(finite, maximise=course.maximise)
    if len(finite) >= LEAST and since >= max(PATIENCE, len(finite) // 2):
        yield Doubt(
            DoubtKind.PLATEAU, f"{name} has not improved on {best:.6g} for {since} evaluations."
        )
    if course.baseline is None or len(finite) < AFTER:
        return
    if best < course.baseline if course.maximise else best > course.baseline:
        yield Doubt(
            DoubtKind.WORSE,
            f"After {len(finite)} evaluations {name} is {best:.6g} at best; "
            f"what is in use reached {course.baseline:.6g}.",
        )


def _best(values: Sequence[float], *, maximise: bool) -> tuple[float, int]:
    """Return the best value, and how many evaluations ago there was the last real gain."""
    sign = 1 if maximise else -1
    best, since = values[0], 0
    for each in values[1:]:
        if sign * (each - best) > GAIN * abs(best):
            best, since = each, 0
        else:
            since += 1
    return best, since
