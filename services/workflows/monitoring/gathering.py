"""A long window read a day at a time: what adds up is added up, the rest is drawn from all rows alike.

Notes
-----
Profiles, requests, latencies, outcomes, callers and repeated inputs are those of all rows. Of the rows
themselves a sample is kept for what does not add up, drawn with a fixed seed, so that the same log gives
the same numbers and memory is the same whatever the row count.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from services.facts.drift import rules
from services.facts.drift.types import Profile
from services.facts.performance.statistics import Estimate, wilson
from services.facts.prediction import frame, marks, patterns
from services.facts.prediction.columns import answered, features
from services.facts.service_level.measuring import Service
from services.facts.window.types import WindowMetric
from services.kernel.period import Period
from services.workflows.monitoring.rows import labelled_of

MOST = 200_000
"""Rows of a sample; a window of more is read a day at a time."""
MOST_INPUTS = 2_000_000
SEED = 20_130_301
REPEATED = "data_quality.duplicate_share"
Profiles = dict[str, dict[str, Profile]]


@dataclass
class Sample:
    """Rows drawn from all that were added, each with the same chance; in the order they came."""

    most: int = MOST
    _parts: list[pa.Table] = field(default_factory=list[pa.Table])
    _keys: list[np.ndarray] = field(default_factory=list[np.ndarray])
    _generator: np.random.Generator = field(default_factory=lambda: np.random.default_rng(SEED))

    def add(self, rows: pa.Table) -> None:
        """Add rows; those with the smallest numbers of a draw stay."""
        self._parts.append(rows)
        self._keys.append(self._generator.random(rows.num_rows))
        if sum(map(len, self._keys)) > 2 * self.most:
            self._prune()

    def rows(self) -> pa.Table:
        """Return the rows that were drawn: all of them where there are no more than asked for."""
        self._prune()
        return self._parts[0] if self._parts else pa.table({})

    def _prune(self) -> None:
        if not self._parts:
            return
        keys, held = np.concatenate(self._keys), frame.together(self._parts)
        if len(keys) > self.most:
            kept = np.sort(np.argpartition(keys, self.most)[: self.most])
            held, keys = held.take(pa.array(kept)).combine_chunks(), keys[kept]
        self._parts, self._keys = [held], [keys]


@dataclass
class Inputs:
    """How many rows repeat the inputs of another one, told by the rows' marks.

    Notes
    -----
    Of very many rows those are kept whose mark begins with some zeros: rows of the same input are kept
    or left together, so that the share of repeated ones is the same as of all.
    """

    most: int = MOST_INPUTS
    _zeros: int = 0
    _held: list[np.ndarray] = field(default_factory=list[np.ndarray])

    def add(self, rows: pa.Table) -> None:
        """Add the answered rows of a table that logs features."""
        ok = answered(rows)
        if features(ok):
            self._held.append(self._kept(marks.rows(marks.marks(ok))))
        while sum(map(len, self._held)) > self.most:
            self._zeros += 1
            self._held = [self._kept(each) for each in self._held]

    def repeated(self) -> tuple[int, int]:
        """Return how many of the rows that are kept repeat another one, and how many are kept."""
        every = np.concatenate(self._held) if self._held else np.array([], dtype=np.uint64)
        return len(every) - len(np.unique(every)), len(every)

    def _kept(self, found: np.ndarray) -> np.ndarray:
        if not self._zeros:
            return found
        return found[found >> np.uint64(64 - self._zeros) == 0]


@dataclass(frozen=True)
class Served:
    """How all rows, or those of one pinned segment, were served; of how many answers the outcome is known."""

    service: Service = field(default_factory=Service)
    labelled: int = 0

    def plus(self, rows: pa.Table) -> "Served":
        """Return the same with more rows."""
        known = labelled_of(answered(rows)).num_rows
        return Served(self.service + Service.of(rows), self.labelled + known)


@dataclass
class Gathered:
    """What is known of a window so far."""

    rows: int = 0
    labelled: int = 0
    sample: Sample = field(default_factory=Sample)
    inputs: Inputs = field(default_factory=Inputs)
    served: dict[str, Served] = field(default_factory=dict[str, Served])
    callers: Counter[str] = field(default_factory=Counter[str])
    profiles: Profiles = field(default_factory=dict[str, dict[str, Profile]])

    def add(self, parts: Mapping[str, pa.Table], profiles: Profiles) -> None:
        """Add the rows of a day by segment, with their profiles by segment and feature."""
        rows = parts[""]
        self.rows += rows.num_rows
        self.labelled += labelled_of(rows).num_rows
        self.sample.add(rows)
        self.inputs.add(rows)
        for name, part in parts.items():
            self.served[name] = self.served.get(name, Served()).plus(part)
        self.callers.update(patterns.queries(rows))
        for name, its in profiles.items():
            held = self.profiles.setdefault(name, {})
            for feature, profile in its.items():
                known = held.get(feature)
                held[feature] = profile if known is None else rules.merge([known, profile])


def corrected(
    numbers: Sequence[WindowMetric], held: Gathered, period: Period
) -> list[WindowMetric]:
    """Return numbers of a sample with those in their place that rest on all rows.

    Notes
    -----
    How many rows of a segment repeat another one is nowhere known: the sample holds too few of each.
    """
    exact = {(each.metric, each.segment): each for each in counted(held, period)}
    return [
        each if each.feature else exact.pop((each.metric, each.segment), each)
        for each in numbers
        if not (each.segment and each.metric == REPEATED)
    ]


def counted(held: Gathered, period: Period) -> list[WindowMetric]:
    """Return the numbers of a long window that rest on all of its rows."""
    start, end = period.start, period.end
    found: list[WindowMetric] = []
    for name, its in held.served.items():
        found += its.service.numbers(start, end, segment=name)
        ok = its.service.answered
        if ok:
            share = wilson(min(its.labelled, ok), ok)
            found.append(_share(period, "performance.label_coverage", share, ok, name))
    repeated, of = held.inputs.repeated()
    return [*found, _share(period, REPEATED, wilson(repeated, of), of)] if of else found


def _share(period: Period, metric: str, known: Estimate, n: int, segment: str = "") -> WindowMetric:
    return WindowMetric(
        period.start, period.end, metric, known.value, n, segment=segment, lo=known.lo,
        hi=known.hi, method=known.method,
    )  # fmt: skip
