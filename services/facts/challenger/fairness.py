"""Whether any group fares worse under the challenger: impact ratios of both on the same rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from services.facts.challenger.types import Check, Contest, Holds, Side, Standard
from services.facts.evidence.types import Measurement, MeasurementStatus, segment
from services.facts.fairness import grouping
from services.facts.fairness.figures import SEPARATOR
from services.facts.fairness.grouping import Audit, Bools
from services.facts.performance.statistics import LEVEL, Floats

DRAWS = 5_000
METRIC = "challenger.impact_ratio_change"


@dataclass(frozen=True, slots=True)
class Cells:
    """Rows of one group by what both models decide; favourable is *chosen*."""

    both: int
    champion_only: int
    challenger_only: int
    neither: int

    @property
    def n(self) -> int:
        """Return all rows of the group."""
        return self.both + self.champion_only + self.challenger_only + self.neither

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Return the four counts."""
        return self.both, self.champion_only, self.challenger_only, self.neither


@dataclass(frozen=True)
class Compared:
    """What came of one attribute.

    Attributes
    ----------
    table
        As the payload has it.
    """

    measurements: tuple[Measurement, ...]
    checks: tuple[Check, ...]
    table: Mapping[str, Any]


def compare(contest: Contest, standard: Standard, seed: int) -> dict[str, Compared]:
    """Return what becomes of every attribute of the audit that the holdout says.

    Notes
    -----
    A group is shown to be no worse off when the lower end of the change of its impact ratio (challenger's minus
    champion's, one-sided at 97.5 of 100, the groups drawn again each by itself) is above minus the margin.
    """
    audit, champion = standard.audit, contest.champion
    if audit is None or champion is None or contest.holdout.task == "regression":
        return {}
    found: dict[str, Compared] = {}
    for attribute in audit.attributes:
        columns = attribute.split("*")
        if set(columns) <= set(contest.holdout.protected):
            groups = grouping.groups(contest.holdout.rows, columns)
            new, old = (
                chosen(side, audit, standard.threshold) for side in (contest.challenger, champion)
            )
            found[attribute] = _attribute(attribute, groups, new, old, (standard, audit, seed))
    return found


def unsaid(contest: Contest, standard: Standard) -> tuple[Check, ...]:
    """Return what the audit asks for and the holdout does not say; it decides where it says nothing."""
    audit = standard.audit
    if audit is None or contest.holdout.task == "regression":
        return ()
    said = set(contest.holdout.protected)
    missing = [each for each in audit.attributes if not set(each.split("*")) <= said]
    return tuple(
        Check(
            "fairness",
            Holds.UNKNOWN,
            f"The holdout does not say {each.replace('*', ' and ')}.",
            decides=len(missing) == len(audit.attributes),
        )
        for each in missing
    )


def chosen(side: Side, audit: Audit, threshold: float) -> Bools:
    """Return (n,) True where a side decides for the favourable outcome."""
    if len(side.classes) == 2:
        said = (side.outputs[:, 1] >= threshold).astype(int)
    else:
        said = side.outputs.argmax(axis=1)
    favourable = np.array([each == audit.favourable for each in side.classes], dtype=bool)
    return favourable[said]


def _attribute(
    attribute: str,
    groups: pd.Series,
    new: Bools,
    old: Bools,
    how: tuple[Standard, Audit, int],
) -> Compared:
    standard, audit, seed = how
    columns, names = attribute.split("*"), groups.to_numpy()
    cells = {name: _cells(names == name, new, old) for name in sorted(set(names))}
    known = {name: each.n for name, each in cells.items() if grouping.is_known(name)}
    reference = grouping.named_reference(columns, audit)
    if reference is None and known:
        reference = max(known, key=lambda name: (known[name], name))
    if reference is None or reference not in known:
        words = f"No row belongs to the reference group of {attribute.replace('*', ' and ')}."
        return Compared((), (Check("fairness", Holds.UNKNOWN, words),), _table("", cells))
    measurements: list[Measurement] = []
    checks: list[Check] = []
    for name in sorted(known):
        if name == reference:
            continue
        where = segment(**dict(zip(columns, name.split(SEPARATOR), strict=True)))
        number = change(cells[name], cells[reference], audit.min_n, where, seed)
        measurements.append(number)
        checks.append(_check(number, name, standard))
    return Compared(tuple(measurements), tuple(checks), _table(reference, cells))


def _table(reference: str, cells: Mapping[str, Cells]) -> dict[str, Any]:
    return {
        "reference": reference.split(SEPARATOR),
        "groups": [
            {
                "group": name.split(SEPARATOR),
                "both": each.both,
                "champion_only": each.champion_only,
                "challenger_only": each.challenger_only,
                "neither": each.neither,
            }
            for name, each in cells.items()
        ],
    }


def _cells(mine: Bools, new: Bools, old: Bools) -> Cells:
    return Cells(
        int((mine & new & old).sum()),
        int((mine & ~new & old).sum()),
        int((mine & new & ~old).sum()),
        int((mine & ~new & ~old).sum()),
    )


def change(group: Cells, reference: Cells, least: int, where: str, seed: int) -> Measurement:
    """Return the challenger's impact ratio of a group minus the champion's.

    Parameters
    ----------
    least
        Fewer rows, of the group or of the reference, are too few.
    seed
        Of the draws: first the group's table, then the reference's, each ``(draws, 4)``.
    """
    few = Measurement(METRIC, where, None, "1", group.n, status=MeasurementStatus.TOO_FEW)
    if group.n < least or reference.n < least:
        return few
    value = _difference(np.array([group.counts]), np.array([reference.counts]))[0]
    if not np.isfinite(value):
        return Measurement(
            METRIC, where, None, "1", group.n, status=MeasurementStatus.NOT_ESTIMABLE
        )
    generator = np.random.default_rng(seed)
    drawn = [
        generator.multinomial(each.n, np.array(each.counts) / each.n, size=DRAWS)
        for each in (group, reference)
    ]
    found = _difference(*drawn)
    ends = np.quantile(np.where(np.isfinite(found), found, -np.inf), _tails(), method="lower")
    lo, hi = min(float(ends[0]), value), max(float(ends[1]), value)
    if not np.isfinite(lo):
        return Measurement(
            METRIC, where, None, "1", group.n, status=MeasurementStatus.NOT_ESTIMABLE
        )
    return Measurement(
        METRIC, where, float(value), "1", group.n, lo, hi, LEVEL, "paired bootstrap by group"
    )


def _tails() -> tuple[float, float]:
    return (1 - LEVEL) / 2, (1 + LEVEL) / 2


def _difference(group: Any, reference: Any) -> Floats:
    """Return (b,) differences of impact ratios; NaN or infinite where nobody of the reference is chosen."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = [
            (table[:, [0, other]].sum(axis=1) / table.sum(axis=1))
            for table in (group, reference)
            for other in (2, 1)
        ]
        return rates[0] / rates[2] - rates[1] / rates[3]


def _check(number: Measurement, group: str, standard: Standard) -> Check:
    margin, name = standard.fairness_margin, group.replace(SEPARATOR, " and ")
    if number.status is MeasurementStatus.TOO_FEW:
        words = f"{name} has {number.n:,} rows, too few to compare."
        return Check("fairness", Holds.UNKNOWN, words, decides=False)
    if number.value is None or number.lo is None:
        return Check("fairness", Holds.UNKNOWN, f"The impact ratio of {name} cannot be estimated.")
    words = f"The impact ratio of {name} changes by {number.value:+.3f}, at least {number.lo:+.3f}"
    if number.value < -margin:
        return Check("fairness", Holds.NO, f"{words}; {margin:.2f} less is the most.")
    if number.lo < -margin:
        told = f"{words}: no worse is not shown."
        return Check("fairness", Holds.NOT_SHOWN, told, decides=standard.must_show)
    return Check("fairness", Holds.YES, f"{words}.")
