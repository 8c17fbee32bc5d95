"""The nouns of data quality: what is expected of a column, and which rows do not meet it."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    TEXT = "text"


class Check(StrEnum):
    """What may be expected of a column."""

    PRESENT = "present"
    KNOWN = "known"
    KIND = "kind"
    FINITE = "finite"
    RANGE = "range"
    PAST = "past"


WORDS = {
    Check.PRESENT: "the column is there",
    Check.KNOWN: "no value is missing",
    Check.KIND: "values are of its kind",
    Check.FINITE: "numbers are finite",
    Check.RANGE: "numbers are plausible",
    Check.PAST: "instants are in UTC and not ahead of their arrival",
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one column of the prediction log.

    Attributes
    ----------
    required
        Whether the column must be there.
    complete
        Whether every row must have a value.
    lo, hi
        Between what numbers are plausible; None is no limit.
    """

    column: str
    kind: Kind
    required: bool = False
    complete: bool = False
    lo: float | None = None
    hi: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that rows of a window do not meet.

    Attributes
    ----------
    rows
        How many do not, of ``of``.
    examples
        At most three values; empty unless they were asked for, since they may be personal.
    """

    column: str
    check: Check
    rows: int
    of: int
    examples: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Return what is wrong, as people say it."""
        shown = f", such as {', '.join(self.examples)}" if self.examples else ""
        return (
            f"{self.column}: expected that {WORDS[self.check]}; {self.rows:,} of {self.of:,} rows "
            f"do not meet it{shown}."
        )
