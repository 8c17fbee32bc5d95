"""The instruments that look at a whole window: service, quality, performance, what was promised."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from services.facts.data_quality import drafting
from services.facts.data_quality import measuring as data_quality
from services.facts.data_quality.types import Expectation
from services.facts.performance import production
from services.facts.performance.estimation import Calibration, calibrate, promises
from services.facts.performance.scores import ScoreProfile, score_profile
from services.facts.prediction.columns import answered, decisions, known, label, labels, numbers
from services.facts.service_level import measuring as service_level
from services.facts.window.types import Monitor, WindowMetric
from services.kernel.error import InsufficientEvidence
from services.kernel.period import Period
from services.workflows.monitoring.reference import SIGNATURE, Reference

MIN_N = 30
"""Fewer rows are not told; what chance gives at this n stands beside the number, and a rule asks for more."""


class Whole:
    """Measures what concerns all rows of a window together."""

    def __init__(self, monitor: Monitor, held: Reference) -> None:
        self._monitor = monitor
        self._expectations = expectations(held.table)
        self._calibration = self._calibrated(held.table)

    def numbers(self, rows: pa.Table, period: Period) -> list[WindowMetric]:
        """Return every number of a window; of one without rows, its silence."""
        start, end = period.start, period.end
        monitor = self._monitor
        found = service_level.measure(rows, start, end)
        if not rows.num_rows:
            return found
        found += data_quality.measure(rows, self._expectations, start, end)
        found += production.measure(
            rows, monitor.task, monitor.threshold, monitor.favourable, start, end
        )
        if self._calibration is not None:
            found += promises(
                self._calibration, self._scores(rows), start=start, end=end, min_n=MIN_N
            )
        return found

    def _calibrated(self, table: pa.Table) -> Calibration | None:
        """Return what chance a score means in the reference; None where there is nothing to learn."""
        if self._monitor.task != "classification":
            return None
        try:
            return calibrate(self._scores(table))
        except InsufficientEvidence:
            return None

    def _scores(self, table: pa.Table) -> ScoreProfile:
        rows, positive = answered(table), str(label(self._monitor.favourable))
        said, _ = decisions(rows, None, positive)
        truth = labels(rows, "outcome")
        outcomes = np.where(known(truth), (truth == positive).astype(float), np.nan)
        return score_profile(numbers(rows, "score"), said, outcomes)


def expectations(table: pa.Table) -> Sequence[Expectation]:
    """Return what rows are expected to be, drafted from the signature and the reference."""
    features = [name for name in table.column_names if name.startswith("f_")]
    signature = (table.schema.metadata or {}).get(SIGNATURE)
    frame = table.select(features).to_pandas()
    frame.columns = [name.removeprefix("f_") for name in features]
    return drafting.draft(frame, list(frame.columns), signature.decode() if signature else None)
