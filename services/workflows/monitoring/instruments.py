"""The instruments that look at a whole window: service, quality, performance, what was promised."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pyarrow as pa

from services.facts.data_quality import drafting
from services.facts.data_quality import measuring as data_quality
from services.facts.data_quality.types import Expectation
from services.facts.drift.multivariate import Components, components, errors, reconstruction
from services.facts.drift.rows import confidence_p05, row_shares
from services.facts.evidence.types import parse_segment
from services.facts.performance import production
from services.facts.performance.confidence import confidence_profile
from services.facts.performance.estimation import Calibration, calibrate, promises
from services.facts.performance.pooling import GAP, pooled
from services.facts.performance.scores import ScoreProfile, score_profile
from services.facts.prediction import patterns
from services.facts.prediction.columns import (
    answered,
    decisions,
    features,
    known,
    label,
    labels,
    numbers,
)
from services.facts.prediction.marks import Marks
from services.facts.prediction.marks import marks as marked
from services.facts.service_level import measuring as service_level
from services.facts.window.types import Monitor, WindowMetric
from services.kernel.error import InsufficientEvidence
from services.kernel.period import Period
from services.workflows.monitoring import keeping
from services.workflows.monitoring.past import NO_PAST, Past
from services.workflows.monitoring.reference import NUMBER, SIGNATURE, Reference, classes

NONE: Mapping[str, str] = MappingProxyType({})
MIN_N = 30
"""Fewer rows are not told; what chance gives at this n stands beside the number, and a rule asks for more."""

ESTIMATES = {"classification": ("accuracy", "f1", "auc"), "multiclass": ("accuracy",)}
"""What scores promise, by task."""


class Whole:
    """Measures what concerns all rows of a window together, and those of one pinned segment."""

    def __init__(self, monitor: Monitor, held: Reference) -> None:
        self._monitor, table = monitor, held.table
        self._table = table
        own = {each.name for each in monitor.columns if each.column.startswith("f_")}
        self._binnings = {f"f_{name}": held.binnings[name] for name in own}
        self._expectations = expectations(table)
        self._usual = patterns.usual(table)
        self._classes = classes(table) if monitor.task == "multiclass" else ()
        self._calibrations = {"": self._calibrated(table)}
        self._components = self._main(table)
        self._unsure = self._unsure_below(table)

    def numbers(
        self,
        rows: pa.Table,
        period: Period,
        passed: Collection[str] = (),
        past: Past = NO_PAST,
        kept_out: Mapping[str, str] = NONE,
    ) -> list[WindowMetric]:
        """Return every number of a window; of one without rows, its silence.

        Parameters
        ----------
        passed
            Features that move with the time alone, or are kept out: none of their values is an outlier.
        past
            What is known of the windows before it.
        kept_out
            Features that custody withheld, with the words for it: of their columns nothing is expected.
        """
        found = service_level.measure(rows, period.start, period.end)
        if not rows.num_rows:
            return found
        marks = marked(rows)
        found += self._of(rows, period, passed, kept_out, marks)
        gap, whole = next((each for each in found if each.metric == GAP), None), self._learned("")
        if gap is not None and whole is not None:
            found.append(pooled(gap, past.gaps, whole.rows))
        return [*found, self._suspicious(rows, period, past, marks)]

    def of_segment(
        self, rows: pa.Table, period: Period, segment: str, passed: Collection[str] = (),
        kept_out: Mapping[str, str] = NONE,
    ) -> list[WindowMetric]:  # fmt: skip
        """Return how the rows of one pinned segment were served, how good they were, and how right.

        Parameters
        ----------
        segment
            Its name, ``carrier=UA``; what scores promise is learned from its own rows of the reference.
        passed, kept_out
            See :meth:`numbers`.
        """
        found = service_level.measure(rows, period.start, period.end, segment=segment)
        return [*found, *self._of(rows, period, passed, kept_out, marked(rows), segment)]

    def _of(
        self, rows: pa.Table, period: Period, passed: Collection[str],
        kept_out: Mapping[str, str], marks: Marks, segment: str = "",
    ) -> list[WindowMetric]:  # fmt: skip
        start, end, monitor = period.start, period.end, self._monitor
        expected = [e for e in self._expectations if e.column.removeprefix("f_") not in kept_out]
        found = data_quality.measure(rows, expected, start, end, marks=marks, segment=segment)
        asked = {k: v for k, v in self._binnings.items() if k.removeprefix("f_") not in passed}
        found += row_shares(
            rows, asked, self._unsure, monitor.reference_rows, start=start, end=end,
            min_n=MIN_N, segment=segment,
        )  # fmt: skip
        found += production.measure(
            rows, monitor.task, monitor.threshold, monitor.favourable, start, end,
            classes=self._classes, segment=segment,
        )  # fmt: skip
        found += self._together(rows, period, kept_out, segment)
        return [*found, *self._promised(rows, period, segment)]

    def _together(
        self, rows: pa.Table, period: Period, kept_out: Mapping[str, str], segment: str
    ) -> list[WindowMetric]:
        """Return whether the numbers still go together as they did."""
        made = self._components
        if made is None:
            return []
        start, end = period.start, period.end
        told = reconstruction(
            made, errors(made, rows), start=start, end=end, min_n=MIN_N, segment=segment
        )
        lacking = [n for n in made.columns if n.removeprefix("f_") in kept_out]
        return [keeping.untold(told, kept_out[lacking[0].removeprefix("f_")]) if lacking else told]

    def _promised(self, rows: pa.Table, period: Period, segment: str) -> list[WindowMetric]:
        """Return what scores promise, and by how much outcomes fell short of it."""
        calibration = self._learned(segment)
        if calibration is None:
            return []
        held, start, end = self._scores(rows), period.start, period.end
        names = ESTIMATES[self._monitor.task]
        return promises(
            calibration, held, start=start, end=end, min_n=MIN_N, names=names, segment=segment
        )

    def _learned(self, segment: str) -> Calibration | None:
        """Return what chance a score means in a segment; what is so in all rows need not be so there."""
        if segment not in self._calibrations:
            self._calibrations[segment] = self._calibrated(within_segment(self._table, segment))
        return self._calibrations[segment]

    def _suspicious(self, rows: pa.Table, period: Period, past: Past, marks: Marks) -> WindowMetric:
        found = patterns.find(rows, self._usual, past.callers, marks)
        kinds = Counter(each.pattern.value.replace("_", " ") for each in found)
        several = len({each.caller_hash for each in found})
        return WindowMetric(
            period.start, period.end, "service.suspicious_callers", float(several), rows.num_rows,
            method=", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items())) or "none found",
        )  # fmt: skip

    # what is learned from the reference, once

    def _calibrated(self, table: pa.Table) -> Calibration | None:
        """Return what chance a score means; None where there is nothing to learn."""
        if self._monitor.task not in ESTIMATES or table.num_rows < MIN_N:
            return None
        try:
            return calibrate(self._scores(table))
        except InsufficientEvidence:
            return None

    def _main(self, table: pa.Table) -> Components | None:
        columns = [
            each.column
            for each in self._monitor.columns
            if each.kind == NUMBER and each.column in self._binnings
        ]
        try:
            return components(table, columns)
        except InsufficientEvidence:
            return None

    def _unsure_below(self, table: pa.Table) -> float | None:
        try:
            return confidence_p05(table) if "score" in table.column_names else None
        except InsufficientEvidence:
            return None

    def _scores(self, table: pa.Table) -> ScoreProfile:
        if self._monitor.task == "multiclass":
            return confidence_profile(table)
        rows, positive = answered(table), str(label(self._monitor.favourable))
        said, _ = decisions(rows, None, positive)
        truth = labels(rows, "outcome")
        outcomes = np.where(known(truth), (truth == positive).astype(float), np.nan)
        return score_profile(numbers(rows, "score"), said, outcomes)


def within_segment(table: pa.Table, segment: str) -> pa.Table:
    """Return the rows of a segment; none where the table does not hold its column."""
    kept = np.ones(table.num_rows, dtype=np.bool_)
    for column, level in parse_segment(segment).items():
        name = f"s_{column}"
        if name not in table.column_names:
            return table.slice(0, 0)
        kept &= labels(table, name) == level
    return table.filter(pa.array(kept))


def expectations(table: pa.Table) -> Sequence[Expectation]:
    """Return what rows are expected to be, drafted from the signature and the reference."""
    names = features(table)
    signature = (table.schema.metadata or {}).get(SIGNATURE)
    frame = table.select(names).to_pandas()
    frame.columns = [name.removeprefix("f_") for name in names]
    return drafting.draft(frame, list(frame.columns), signature.decode() if signature else None)
