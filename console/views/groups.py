"""The groups of a bias audit: one table an attribute, rates as text, the gaps between groups."""

from collections.abc import Mapping
from dataclasses import dataclass

from console.format import NOTHING, count, interval, number, segment, share
from services.facts.evidence.types import Evidence, Measurement, MeasurementStatus, parse_segment
from services.judgement.gate.types import Reason, Result, Verdict
from services.kernel.metric import CATALOGUE

RATIO = "fairness.impact_ratio"
RATE = "fairness.selection_rate"
_TPR, _FPR, _PRECISION = "fairness.tpr", "fairness.fpr", "fairness.precision"

Table = Mapping[str, Mapping[str, Measurement]]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group; ``rate`` is text and says when the rows are too few."""

    group: str
    n: str
    share: str
    rate: str
    tpr: str
    fpr: str
    precision: str
    few: bool


def attributes_of(evidence: Evidence) -> tuple[str, ...]:
    """Return the attributes that were audited, as the policy orders them, single ones first: ``race``, ``race, sex``."""
    found = dict.fromkeys(
        ", ".join(sorted(parse_segment(m.segment)))
        for m in evidence.measurements
        if m.metric == RATE
    )
    return tuple(sorted(filter(None, found), key=lambda name: name.count(","))) or ("",)


def results_of(verdict: Verdict | None) -> dict[str, tuple[Result, Reason]]:
    """Return how the gate judged each group's impact ratio, by segment."""
    clauses = verdict.clauses if verdict else ()
    return {
        group.segment: (group.result, group.reason)
        for clause in clauses
        if clause.metric == RATIO
        for group in clause.groups
    }


def table_of(evidence: Evidence, attribute: str) -> Table:
    """Return measurements by group and metric for one attribute."""
    wanted = set(attribute.split(", "))
    table: dict[str, dict[str, Measurement]] = {}
    for each in evidence.measurements:
        if each.segment and set(parse_segment(each.segment)) == wanted:
            table.setdefault(each.segment, {})[each.metric] = each
    return {name: cells for name, cells in table.items() if RATE in cells}


def group_row(name: str, cells: Mapping[str, Measurement], total: int) -> GroupRow:
    """Return one group as a line; with too few rows it shows a count and no rate."""
    rate = cells[RATE]
    few = rate.status is MeasurementStatus.TOO_FEW or rate.value is None
    shown = f"too few (n = {rate.n:,})" if few else interval(rate.value, rate.lo, rate.hi)

    def cell(metric: str) -> str:
        found = cells.get(metric)
        if found is None or few:
            return NOTHING
        if found.status is MeasurementStatus.TOO_FEW:
            return f"few ({found.n:,})"
        return number(found.value) if found.status is MeasurementStatus.OK else NOTHING

    return GroupRow(
        name_of(name), count(rate.n), share(rate.n / total, 1), shown, cell(_TPR), cell(_FPR),
        cell(_PRECISION), few,
    )  # fmt: skip


def name_of(text: str) -> str:
    """Return the group of a segment as people say it."""
    return ", ".join(parse_segment(text).values()) or segment(text)


def gaps_of(evidence: Evidence, attribute: str) -> tuple[tuple[str, str, str], ...]:
    """Return the gaps between the groups of one attribute: words, value, rows."""
    rows: list[tuple[str, str, str]] = []
    for each in evidence.measurements:
        about = each.segment in (attribute, f"attribute={attribute}")
        if each.metric.endswith("_difference") and about:
            words = CATALOGUE[each.metric].words
            rows.append((words, interval(each.value, each.lo, each.hi), count(each.n)))
    return tuple(rows)


def is_reference(found: Measurement) -> bool:
    """Tell whether a ratio is that of the group the others are compared with."""
    return found.method == "reference"
