"""What a training says of itself while it runs: lines of its log that begin with the mark."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from services.decisions.recipe.guards import Guards
from services.workflows.engine.types import MARK

MOST_METRICS = 50


@dataclass(frozen=True, slots=True)
class Heard:
    """What was understood of a log so far.

    Attributes
    ----------
    step, metrics
        As it was said last; metrics that are no finite number are left out.
    evaluations
        How many lines carried metrics.
    best
        Of the watched metric; None before the first.
    since_best
        Evaluations since ``best`` was improved by more than the recipe's ``least``.
    unmeasured
        Evaluations in a row whose watched metric, or where none is watched any metric, was no finite
        number.
    """

    step: float | None = None
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    evaluations: int = 0
    best: float | None = None
    since_best: int = 0
    unmeasured: int = 0
    device: str = ""
    resumed_from: str = ""


def hear(heard: Heard, lines: Iterable[str], guards: Guards) -> Heard:
    """Return what is known after some more lines; those that cannot be read say nothing."""
    for line in lines:
        place = line.find(MARK)
        if place < 0:
            continue
        try:
            said = json.loads(line[place + len(MARK) :])
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict):
            heard = _understand(heard, said, guards)
    return heard


def _understand(heard: Heard, said: Mapping[str, Any], guards: Guards) -> Heard:
    if isinstance(said.get("device"), str):
        heard = replace(heard, device=said["device"][:200])
    if said.get("resumed_from") is not None:
        heard = replace(heard, resumed_from=_words(said["resumed_from"])[:200])
    step = _number(said.get("step"))
    if step is not None and math.isfinite(step):
        heard = replace(heard, step=step)
    metrics = said.get("metrics")
    if not isinstance(metrics, dict) or not metrics:
        return heard
    return _evaluated(heard, metrics, guards)


def _evaluated(heard: Heard, said: Mapping[str, Any], guards: Guards) -> Heard:
    numbers = {str(k)[:100]: v for k, v in list(said.items())[:MOST_METRICS]}
    measured = {k: n for k, v in numbers.items() if (n := _number(v)) is not None}
    finite = {k: v for k, v in measured.items() if math.isfinite(v)}
    watched = [guards.metric] if guards.metric in measured else list(measured)
    lost = any(not math.isfinite(measured[name]) for name in watched)
    heard = replace(
        heard,
        metrics={**heard.metrics, **finite},
        evaluations=heard.evaluations + 1,
        unmeasured=heard.unmeasured + 1 if lost else 0,
    )
    value = finite.get(guards.metric)
    if value is None:
        return replace(heard, since_best=heard.since_best + 1)
    gain = 0.0 if heard.best is None else (value - heard.best) * (1 if guards.maximise else -1)
    if heard.best is None or gain > guards.least:
        return replace(heard, best=value, since_best=0)
    return replace(heard, since_best=heard.since_best + 1)


def _number(value: object) -> float | None:
    """Return a number, also of one that JSON cannot write; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and value.strip().lower() not in ("nan", "inf", "-inf"):
        return None
    return float(value)


def _words(value: object) -> str:
    """Return what a script resumed from as people read it: ``step 2``."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    return str(value)
