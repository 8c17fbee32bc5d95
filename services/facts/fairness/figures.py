"""From counts to figures: rates by group, ratios to the reference, and who is too few to tell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.facts.evidence.types import Measurement, MeasurementStatus, segment
from services.facts.fairness import statistics
from services.facts.performance.statistics import LEVEL, wilson

UNKNOWN = "Unknown"
SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Counts:
    """What one group got: rows, selected, favourable outcomes, and selected among both outcomes."""

    n: int
    selected: int
    positives: int
    true_selected: int
    false_selected: int


def figures(
    columns: Sequence[str], counts: Mapping[str, Counts], reference: str, least: int
) -> list[Measurement]:
    """Return rates, ratio and adjusted p of every group of one attribute.

    Parameters
    ----------
    counts
        By the group's name; the parts of an intersection are joined by ``SEPARATOR``.
    least
        Fewer rows are too few: of the group, and of what a rate is a share of.
    """
    base = counts[reference]
    adjusted = _adjusted(counts, reference, least)
    found: list[Measurement] = []
    for name, each in counts.items():
        where = segment(**dict(zip(columns, name.split(SEPARATOR), strict=True)))
        found += _rates(where, each, least)
        found.append(_ratio(where, each, base, least, is_reference=name == reference))
        if name in adjusted:
            p = adjusted[name]
            tested = Measurement(
                "fairness.impact_ratio_p_adjusted", where, p, "1", each.n, method="holm"
            )
            found.append(tested if p is not None else _few(tested, each.n))
    return found


def _adjusted(counts: Mapping[str, Counts], reference: str, least: int) -> dict[str, float | None]:
    """Return the adjusted p of every known group but the reference; None where rows are too few.

    Notes
    -----
    Groups that are too few are not tested, so that the others are adjusted for fewer.
    """
    base = counts[reference]
    known = [name for name in counts if name != reference and UNKNOWN not in name.split(SEPARATOR)]
    enough = [name for name in known if min(counts[name].n, base.n) >= least]
    raw = [
        statistics.equal_rates_p(counts[g].selected, counts[g].n, base.selected, base.n)
        for g in enough
    ]
    return {**dict.fromkeys(known), **dict(zip(enough, statistics.holm(raw), strict=True))}


def _rates(where: str, counts: Counts, least: int) -> list[Measurement]:
    negatives = counts.n - counts.positives
    shares = {
        "selection_rate": (counts.selected, counts.n),
        "tpr": (counts.true_selected, counts.positives),
        "fpr": (counts.false_selected, negatives),
        "precision": (counts.true_selected, counts.selected),
    }
    found: list[Measurement] = []
    for name, (hits, n) in shares.items():
        blank = Measurement(f"fairness.{name}", where, None, "1", n)
        if counts.n < least:
            found.append(_few(blank, counts.n))
        elif n == 0:
            found.append(_with_status(blank, MeasurementStatus.NOT_ESTIMABLE))
        elif n < least:
            found.append(_few(blank, n))
        else:
            estimate = wilson(hits, n)
            found.append(
                Measurement(
                    blank.metric, where, estimate.value, "1", n, estimate.lo, estimate.hi, LEVEL,
                    estimate.method,
                )
            )  # fmt: skip
    return found


def _ratio(
    where: str, counts: Counts, base: Counts, least: int, *, is_reference: bool
) -> Measurement:
    blank = Measurement("fairness.impact_ratio", where, None, "1", counts.n, method="katz-log")
    if counts.n < least or base.n < least:
        return _few(blank, counts.n)
    if base.selected == 0:
        return _with_status(blank, MeasurementStatus.NOT_ESTIMABLE)
    if is_reference:
        return Measurement("fairness.impact_ratio", where, 1.0, "1", counts.n, method="reference")
    found = statistics.katz(counts.selected, counts.n, base.selected, base.n)
    if found is None:
        top = statistics.none_chosen(counts.n) / (base.selected / base.n)
        return Measurement(
            "fairness.impact_ratio", where, 0.0, "1", counts.n, 0.0, top, LEVEL, "rule-of-three"
        )
    value, lo, hi = found
    return Measurement(
        "fairness.impact_ratio", where, value, "1", counts.n, lo, hi, LEVEL, "katz-log"
    )


def _few(blank: Measurement, n: int) -> Measurement:
    return Measurement(
        blank.metric, blank.segment, None, blank.unit, n, status=MeasurementStatus.TOO_FEW
    )


def _with_status(blank: Measurement, status: MeasurementStatus) -> Measurement:
    return Measurement(blank.metric, blank.segment, None, blank.unit, blank.n, status=status)
