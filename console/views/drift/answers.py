"""What the model itself said and how right it was: its own columns, realised and estimated performance."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.figures.course import Course
from console.format import number, window
from console.views.drift.course import Frozen, course
from console.views.drift.history import PAIRS, History, ends
from console.views.drift.limits import SHARES, Limit
from console.views.drift.scope import MODEL_OWN
from services.facts.evidence.types import Evidence
from services.facts.window.types import WindowMetric
from services.kernel.identity import ModelRef
from services.kernel.metric import metric

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, eq=False)
class Answers:
    """What is known of the answers of a version.

    Attributes
    ----------
    own
        How far scores, predictions and outcomes moved; None where nothing was measured.
    performance
        Realised and estimated performance over windows; None where neither is known.
    metrics
        Those that can be chosen, with their words.
    gap
        Status, word and sentence of estimated minus realised accuracy; empty where nobody knows.
    facts
        Label coverage and what else is known of the newest window.
    """

    own: Course | None
    own_names: tuple[str, ...]
    performance: Course | None
    metrics: tuple[tuple[str, str], ...]
    chosen: str
    gap: tuple[str, str, str] | None
    facts: tuple[tuple[str, str], ...]


@lru_cache(maxsize=32)
def answers(
    history: History, limits: Frozen, chosen: str, baselines: tuple[tuple[str, float], ...]
) -> Answers:
    """Return what is known; ``baselines`` are the numbers of the evaluation set, by metric."""
    known = tuple((one, metric(one).words) for one, other in PAIRS if _has(history, one, other))
    names = dict(known)
    chosen = chosen if chosen in names else next(iter(names), "")
    held = dict(limits)
    own = [(name, found) for name in MODEL_OWN if (found := _own(history, name))]
    return Answers(
        course(history, own, held) if own else None, tuple(name for name, _ in own),
        _performance(history, chosen, held, dict(baselines)) if chosen else None, known, chosen,
        _gap(history, held), _facts(history),
    )  # fmt: skip


def baselines(
    services: "Services", session: Session, ref: ModelRef
) -> tuple[tuple[str, float], ...]:
    """Return the performance of a version on its evaluation set, by metric."""
    return tuple(whole(services.evidence.latest(session, ref, "performance")).items())


def whole(evidence: Evidence | None) -> dict[str, float]:
    """Return what evidence says of all rows together, by metric."""
    rows = evidence.measurements if evidence else ()
    return {m.metric: m.value for m in rows if not m.segment and m.value is not None}


def _has(history: History, one: str, other: str) -> bool:
    return bool(history.of(one) or (other and history.of(other)))


def _own(history: History, name: str) -> Mapping[datetime, WindowMetric]:
    found: dict[datetime, WindowMetric] = {}
    for each in history.scope.statistic.metrics:
        found |= history.of(each, name)
    return found


def _performance(
    history: History, chosen: str, limits: Mapping[str, Limit], baselines: Mapping[str, float]
) -> Course:
    estimate = dict(PAIRS)[chosen]
    lines = [("realised", history.of(chosen)), ("estimated", history.of(estimate))]
    made = course(history, [(name, its) for name, its in lines if its], limits)
    return replace(
        made, chance=(), percent=chosen in SHARES, from_zero=False,
        baseline=baselines.get(chosen), baseline_words="evaluation set",
    )  # fmt: skip


def _gap(history: History, limits: Mapping[str, Limit]) -> tuple[str, str, str] | None:
    """Return whether the answers are worse than their scores promised, beyond what chance gives."""
    found = history.newest("performance.accuracy_gap")
    if found is None or found.value is None:
        return None
    when = window(found.start, history.scope.granularity)
    words = f"estimated minus realised accuracy {number(found.value)}, n = {found.n:,}, {when}"
    limit = limits.get(found.metric)
    if limit is not None:
        return *limit.verdict(found), f"{words}, {limit.words} by {limit.source}"
    if found.floor is None:
        return "none", "No limit set", words
    beyond = found.value > found.floor
    words += f"; chance alone gives {number(found.floor)}"
    return ("fail", "Concept drift", words) if beyond else ("none", "Within chance", words)


_LONG = 72
_TOLD = (
    ("performance.label_coverage", "Outcomes known"),
    ("performance.label_lag_hours", "Label lag, median"),
    ("drift.low_confidence_share", "Unsure answers"),
    ("data_quality.outlier_share", "Outlier rows"),
    ("drift.reconstruction_error", "Reconstruction error"),
)


def _facts(history: History) -> tuple[tuple[str, str], ...]:
    found = ((words, history.newest(name)) for name, words in _TOLD)
    return tuple(
        (words, f"{_read(each)}, {window(each.start, history.scope.granularity)}")
        for words, each in found
        if each is not None
    )


def _read(found: WindowMetric) -> str:
    if found.metric == "performance.label_lag_hours":
        hours = found.value or 0.0
        return f"{number(hours)} h" if hours <= _LONG else f"{hours / 24:,.0f} days"
    if found.metric == "drift.reconstruction_error":
        return number(found.value)
    return f"{ends(found)}, n = {found.n:,}"
