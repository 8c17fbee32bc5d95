"""Who belongs to which group, what each group got, and with whom it is compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from services.facts.fairness import fairlearn_adapter
from services.facts.fairness.figures import SEPARATOR, UNKNOWN, Counts
from services.kernel.error import InsufficientEvidence, InvalidInput

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Audit:
    """What a standard asks of the audit; passed in by the workflow.

    Attributes
    ----------
    attributes
        Columns; ``race*sex`` for an intersection.
    reference
        The group others are compared with, by attribute.
    min_n
        Fewer rows are too few for a number.
    """

    attributes: tuple[str, ...]
    reference: Mapping[str, str]
    favourable: int | str
    min_n: int = 30


def groups(rows: pd.DataFrame, columns: Sequence[str]) -> pd.Series:
    """Return the name of each row's group, shape (n,); who does not say is *Unknown*."""
    named = [
        rows[each].astype("object").where(rows[each].notna(), UNKNOWN).astype(str).map(_one_name)
        for each in columns
    ]
    joined = named[0]
    for each in named[1:]:
        joined = joined + SEPARATOR + each
    return joined.reset_index(drop=True)


def _one_name(group: str) -> str:
    """Return the name of a group without what joins the names of an intersection."""
    return group.replace(SEPARATOR, " ")


def counts(groups: pd.Series, chosen: Bools, truth: Bools) -> dict[str, Counts]:
    """Count by group, and hold the counts against Fairlearn's own figures.

    Parameters
    ----------
    groups
        (n,) the name of each row's group.
    chosen, truth
        (n,) True where the decision is favourable, and where the outcome is.

    Raises
    ------
    InsufficientEvidence
        When both counts disagree.
    """
    theirs = fairlearn_adapter.rates(truth.astype(int), chosen.astype(int), groups)
    names = groups.to_numpy()
    found: dict[str, Counts] = {}
    for name in sorted(theirs):
        mine = names == name
        found[name] = Counts(
            int(mine.sum()),
            int((mine & chosen).sum()),
            int((mine & truth).sum()),
            int((mine & truth & chosen).sum()),
            int((mine & ~truth & chosen).sum()),
        )
        if abs(found[name].selected / found[name].n - theirs[name].selection_rate) > 1e-12:
            raise InsufficientEvidence(f"Two counts of the group {name!r} disagree.")
    return found


def reference(
    attribute: str, columns: Sequence[str], counts: Mapping[str, Counts], audit: Audit
) -> str:
    """Return the reference group: as the standard says, else the largest that is known.

    Raises
    ------
    InvalidInput
        When nobody belongs to the group that the standard names.
    InsufficientEvidence
        When no row says its attribute.
    """
    known = {name: each.n for name, each in counts.items() if is_known(name)}
    name = named_reference(columns, audit)
    if name is not None:
        if name not in known:
            words = name.replace(SEPARATOR, " and ")
            raise InvalidInput(f"No row belongs to the reference group {words!r} of {attribute}.")
        return name
    if not known:
        raise InsufficientEvidence(f"No row says its {attribute}.")
    return max(known, key=lambda name: known[name])


def named_reference(columns: Sequence[str], audit: Audit) -> str | None:
    """Return the reference group that the standard names, of every column; None where it names none."""
    if not all(column in audit.reference for column in columns):
        return None
    return SEPARATOR.join(_one_name(audit.reference[column]) for column in columns)


def is_known(group: str) -> bool:
    """Tell whether all parts of a group are known."""
    return UNKNOWN not in group.split(SEPARATOR)
