"""Who is selected in a window of production, by group, with the formulas of the bias audit."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pandas as pd
import pyarrow as pa

from services.facts.evidence.types import Measurement, MeasurementStatus
from services.facts.fairness import grouping
from services.facts.fairness.figures import UNKNOWN, Counts, figures
from services.facts.fairness.grouping import Audit, Bools
from services.facts.prediction.columns import answered, decisions, known, label, labels
from services.facts.window.types import WindowMetric

_NOBODY = Counts(0, 0, 0, 0, 0)
_OF_OUTCOMES = {"fairness.tpr", "fairness.fpr", "fairness.precision"}


def measure(
    table: pa.Table,
    attributes: pa.Table,
    audit: Audit,
    threshold: float | None,
    start: datetime,
    end: datetime,
    *,
    positive: int | str | None = None,
) -> list[WindowMetric]:
    """Measure rates and impact ratios of every group of every attribute.

    Parameters
    ----------
    table
        The rows of the window, as the prediction log gives them; requests that failed do not count.
    attributes
        ``prediction_id`` and ``a_…`` for each protected attribute, as the log gives them; of one id
        the last row counts. Without rows it may lack every column.
    threshold
        From which score on the decision is the positive class; None where ``prediction`` says it.
    positive
        The class of which ``score`` is the probability; None where it is the favourable one. Where it
        is the other one, who is under the threshold is selected.

    Returns
    -------
    list
        By group, with the segment ``race=Black``. Selection is told of all rows, error rates of those
        whose outcome is known. An attribute that no row says is one impact ratio of too few rows, with
        the attribute as its feature: what was not measured is never absent.
    """
    favourable = str(label(audit.favourable))
    ok, chosen = _chosen(answered(table), threshold, favourable, label(positive))
    outcomes = labels(ok, "outcome")
    truth, has = outcomes == favourable, known(outcomes)
    people = _people(ok, attributes)
    found: list[WindowMetric] = []
    for attribute in audit.attributes:
        columns = attribute.split("*")
        groups = _groups(people, columns)
        reference = _reference(groups, columns, audit)
        if reference is None:
            found.append(_untold(attribute, start, end))
            continue
        everybody = {reference: _NOBODY, **_counts(groups, chosen, truth)}
        of_known = _counts(groups[has].reset_index(drop=True), chosen[has], truth[has])
        outcome_known = {name: of_known.get(name, _NOBODY) for name in everybody}
        of_all = figures(columns, everybody, reference, audit.min_n)
        of_some = figures(columns, outcome_known, reference, audit.min_n)
        told = [each for each in of_all if each.metric not in _OF_OUTCOMES]
        told += [each for each in of_some if each.metric in _OF_OUTCOMES]
        found += [_in_window(each, start, end) for each in told]
    return found


def _chosen(
    table: pa.Table, threshold: float | None, favourable: str, positive: str | None
) -> tuple[pa.Table, Bools]:
    """Return the rows with a decision, and of each whether it is the favourable one."""
    said, decided = decisions(table, threshold, favourable)
    is_other = threshold is not None and positive not in (None, favourable)
    chosen = ~said if is_other else said
    return table.filter(pa.array(decided)), chosen[decided]


def _people(table: pa.Table, attributes: pa.Table) -> pd.DataFrame:
    """Return the attributes of each row, shape (n, k), missing where nobody said them."""
    ids = table.column("prediction_id").to_pylist()
    if not attributes.num_rows:
        return pd.DataFrame(index=range(len(ids)))
    held = attributes.to_pandas().drop_duplicates("prediction_id", keep="last")
    named = held.rename(columns=lambda name: str(name).removeprefix("a_"))
    return named.set_index("prediction_id").reindex(ids).reset_index(drop=True)


def _groups(people: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    if not set(columns) <= set(people.columns):
        return pd.Series([UNKNOWN] * len(people), dtype=object)
    return grouping.groups(people, columns)


def _reference(groups: pd.Series, columns: Sequence[str], audit: Audit) -> str | None:
    """Return with whom the others are compared; None where no row says its group."""
    known = groups[groups.map(grouping.is_known).astype(bool)]
    if known.empty:
        return None
    return grouping.named_reference(columns, audit) or str(known.value_counts().index[0])


def _counts(groups: pd.Series, chosen: Bools, truth: Bools) -> Mapping[str, Counts]:
    return grouping.counts(groups, chosen, truth) if len(groups) else {}


def _untold(attribute: str, start: datetime, end: datetime) -> WindowMetric:
    few = MeasurementStatus.TOO_FEW
    return WindowMetric(start, end, "fairness.impact_ratio", None, 0, attribute, status=few)


def _in_window(each: Measurement, start: datetime, end: datetime) -> WindowMetric:
    return WindowMetric(
        start, end, each.metric, each.value, each.n, segment=each.segment, lo=each.lo, hi=each.hi,
        status=each.status, method=each.method,
    )  # fmt: skip
