"""Whether the version still rests on the features it rested on: explained again on rows of a window."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from services.facts.drift.attribution import Agreement, agreement
from services.facts.evidence.types import MeasurementStatus, parse_segment
from services.facts.prediction.columns import answered, labels, numbers
from services.facts.prediction.withheld import withheld
from services.facts.window.types import Monitor, WindowMetric
from services.kernel.error import InsufficientEvidence
from services.kernel.period import Period
from services.workflows.monitoring.reference import CATEGORY
from services.workflows.monitoring.types import Parts

METRIC = "drift.importance_ndcg"
BACKGROUND, ROWS, LEAST = 100, 200, 30
SEED = 20130301


def measure(
    parts: Parts, monitor: Monitor, reference: pa.Table, rows: pa.Table, period: Period, *,
    folder: Path, should_stop: Callable[[], bool],
) -> WindowMetric | None:  # fmt: skip
    """Explain some rows of a window in the sandbox; None where the version was never explained.

    Parameters
    ----------
    reference
        Its first rows are the background, as in the explanation compared with.
    folder
        The task's own.

    Notes
    -----
    Importances are means over the rows of the window alone. They cannot be told of rows without what
    custody withheld: the version was given it, and nobody knows it any more.
    """
    order = _order(parts, monitor)
    sample = _drawn(answered(rows))
    if not order:
        return None
    columns = [each.column for each in monitor.columns]
    if withheld(sample, columns, parts.decisions(monitor.ref.name), period):
        return _told(period, None, sample.num_rows, MeasurementStatus.NOT_ESTIMABLE)
    if sample.num_rows < LEAST:
        return _told(period, None, sample.num_rows, MeasurementStatus.TOO_FEW)
    shown = pd.concat(
        [_inputs(each, monitor) for each in (reference.slice(0, BACKGROUND), sample)],
        ignore_index=True,
    )
    if not (folder / "model").is_dir():
        parts.source.download_version(monitor.ref.name, monitor.ref.version, folder / "model")
    policy = parts.policy(monitor.ref.name)
    try:
        found = parts.scorer.explain(
            folder / "model", shown, SEED, folder / "explain",
            trusted=policy is not None and policy.trusted, should_stop=should_stop,
        )  # fmt: skip
        agreed = agreement(order, found.features, found.values[-sample.num_rows :])
    except InsufficientEvidence:
        return _told(period, None, sample.num_rows, MeasurementStatus.NOT_ESTIMABLE)
    finally:
        shutil.rmtree(folder / "explain", ignore_errors=True)
    return _told(period, agreed, sample.num_rows, MeasurementStatus.OK)


def _order(parts: Parts, monitor: Monitor) -> list[str]:
    """Return the features by importance, as the explanation on file ranks them."""
    with parts.store.reading() as session:
        filed = parts.evidence.latest(session, monitor.ref, "explanation")
    ranked = [
        (each.value or 0.0, parse_segment(each.segment).get("feature", ""))
        for each in (filed.measurements if filed else ())
        if each.metric == "explanation.importance"
    ]
    return [name for _, name in sorted(ranked, key=lambda pair: -pair[0])]


def _drawn(rows: pa.Table) -> pa.Table:
    if rows.num_rows <= ROWS:
        return rows
    chosen = np.random.default_rng(SEED).choice(rows.num_rows, ROWS, replace=False)
    return rows.take(pa.array(np.sort(chosen)))


def _inputs(rows: pa.Table, monitor: Monitor) -> pd.DataFrame:
    """Return what the version was given, by the names it knows."""
    own = [each for each in monitor.columns if each.column.startswith("f_")]
    return pd.DataFrame(
        {
            each.name: (labels if each.kind == CATEGORY else numbers)(rows, each.column)
            for each in own
        }
    )


def _told(
    period: Period, agreed: Agreement | None, n: int, status: MeasurementStatus
) -> WindowMetric:
    value, lo, hi = agreed or (None, None, None)
    return WindowMetric(
        period.start, period.end, METRIC, value, n, lo=lo, hi=hi, status=status,
        method="SHAP on a sample, bootstrap over its rows",
    )  # fmt: skip
