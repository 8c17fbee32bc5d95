"""What one watched model last showed: the worst of its drift, and how it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from console.format import number, share
from console.views.drift.history import PAIRS, said
from console.views.drift.limits import SHARES, Limit
from services.facts.window.types import WindowMetric

DRIFT = ("drift.ks", "drift.largest_change")
DATA = {
    "data_quality.missing_share": "missing",
    "data_quality.new_share": "new",
    "data_quality.invalid_share": "invalid",
    "data_quality.outlier_share": "outlier rows",
}
LATENCY, ERRORS, GAP = "service.latency_p95_ms", "service.error_rate", "performance.accuracy_gap"
READ = (*DRIFT, *DATA, LATENCY, ERRORS, GAP, *(name for pair in PAIRS for name in pair if name))
RANK = {"fail": 0, "unknown": 1, "none": 2, "pass": 3}


@dataclass(frozen=True, slots=True)
class Signal:
    """The worst that is known of one side of a model.

    Attributes
    ----------
    severity
        How many times its limit it is; 0 where there is none.
    """

    status: str
    words: str
    severity: float = 0.0


NOTHING = Signal("unknown", "not measured")
Words = Callable[[WindowMetric], str]


def signals(
    numbers: Sequence[WindowMetric], limits: Mapping[str, Limit], baselines: Mapping[str, float]
) -> dict[str, Signal]:
    """Return the signal of each side; of the newest window, performance of the newest known one."""
    newest = max((each.start for each in numbers), default=None)
    now = [each for each in numbers if each.start == newest]
    return {
        "drift": worst([e for e in now if e.metric in DRIFT and not e.is_calendar], limits, _drift),
        "performance": performance(numbers, limits, baselines),
        "latency": worst([e for e in now if e.metric == LATENCY], limits, _latency),
        "errors": worst([e for e in now if e.metric == ERRORS], limits, _rate),
        "data": worst([e for e in now if e.metric in DATA], limits, _data),
    }


def worst(found: Sequence[WindowMetric], limits: Mapping[str, Limit], words: Words) -> Signal:
    """Return the worst of some numbers: beyond its limit first, then nearest to it."""
    known = [each for each in found if each.value is not None]
    if not known:
        return Signal("unknown", said(found[0])) if found else NOTHING
    told = [(_state(each, limits), _severity(each, limits), each) for each in known]
    told.sort(key=lambda one: (one[0] != "fail", -one[1], -(one[2].value or 0.0)))
    state, severity, first = told[0]
    limit = limits.get(first.metric)
    against = f", {limit.words}" if limit and first.metric in DRIFT else ""
    return Signal(state, words(first) + against, severity)


def performance(
    numbers: Sequence[WindowMetric], limits: Mapping[str, Limit], baselines: Mapping[str, float]
) -> Signal:
    """Return realised performance beside what the evaluation set showed; else the estimated one."""
    by: dict[str, WindowMetric] = {e.metric: e for e in numbers if e.value is not None}
    for realised, estimated in PAIRS:
        found = by.get(realised) or by.get(estimated)
        if found is None:
            continue
        base = baselines.get(realised)
        words = f"{_short(realised)} {_value(found.value, realised)}"
        words += " estimated" if found.metric == estimated else ""
        words += f", was {_value(base, realised)}" if base is not None else ""
        state = _state(found, limits)
        return Signal(state, words, 1.0 if state == "fail" else 0.0)
    return NOTHING


def _state(found: WindowMetric, limits: Mapping[str, Limit]) -> str:
    limit = limits.get(found.metric)
    return limit.verdict(found)[0] if limit else "none"


def _severity(found: WindowMetric, limits: Mapping[str, Limit]) -> float:
    limit = limits.get(found.metric)
    bound = limit.bound if limit else None
    return (found.value or 0.0) / bound if bound else 0.0


def _drift(found: WindowMetric) -> str:
    return f"{found.feature} {number(found.value)}"


def _latency(found: WindowMetric) -> str:
    return f"{found.value or 0.0:,.0f} ms"


def _rate(found: WindowMetric) -> str:
    return share(found.value, 2)


def _data(found: WindowMetric) -> str:
    words = f"{share(found.value, 1)} {DATA[found.metric]}"
    return f"{found.feature} {words}" if found.feature else words


def _short(metric: str) -> str:
    return metric.partition(".")[2].replace("_", " ")


def _value(value: float | None, metric: str) -> str:
    return share(value, 1) if metric in SHARES else number(value)
