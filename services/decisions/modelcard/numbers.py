"""Numbers in a card: references to evidence, filled in when the card is read.

``[[performance.auc]]`` is the overall value, ``[[fairness.impact_ratio|race=Black]]`` that of a
segment.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.decisions.modelcard.types import Field

_REFERENCE = re.compile(r"\[\[([a-z_]+\.[a-z0-9_]+)(?:\|([^\]\n|]*))?\]\]")
NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Number:
    """A measured value as a card shows it.

    Attributes
    ----------
    value, lo, hi
        In the unit of the metric; None where it could not be estimated.
    """

    metric: str
    segment: str
    value: float | None
    lo: float | None = None
    hi: float | None = None
    n: int | None = None

    @property
    def words(self) -> str:
        """Return value, interval and sample size: ``0.801 [0.750, 0.840], n = 796``."""
        if self.value is None:
            return NOT_MEASURED
        interval = "" if self.lo is None or self.hi is None else f" [{self.lo:.3f}, {self.hi:.3f}]"
        return f"{self.value:.3f}{interval}" + ("" if self.n is None else f", n = {self.n:,}")


Numbers = Mapping[tuple[str, str], Number]


def numbers(found: Iterable[Number]) -> Numbers:
    """Return numbers by metric and segment."""
    return {(each.metric, each.segment): each for each in found}


def references(text: str) -> tuple[tuple[str, str], ...]:
    """Return the metrics and segments a text refers to, in order."""
    return tuple((m.group(1), m.group(2) or "") for m in _REFERENCE.finditer(text))


def read(field: Field, known: Numbers) -> str:
    """Return the words of a field with its references filled in.

    Notes
    -----
    A line of an automatic field that refers to nothing measured is left out; in a person's words it
    says *not measured*.
    """
    if field.source != "evidence":
        return _filled(field.text, known)
    lines = [
        _filled(line, known)
        for line in field.text.split("\n")
        if any(reference in known for reference in references(line))
    ]
    return "\n".join(lines) or "Not measured yet."


def _filled(text: str, known: Numbers) -> str:
    def fill(match: re.Match[str]) -> str:
        found = known.get((match.group(1), match.group(2) or ""))
        return found.words if found else NOT_MEASURED

    return _REFERENCE.sub(fill, text)
