"""The nouns of numbers over windows of time."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WindowPoint:
    """One number of one window.

    Attributes
    ----------
    value
        None where there is none; ``words`` then say why.
    words
        What is read when the point is pointed at.
    outside
        Whether it certainly crossed the limit.
    """

    at: datetime
    value: float | None
    words: str
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One number over windows; all lines of a course have the same windows."""

    name: str
    points: tuple[WindowPoint, ...]


@dataclass(frozen=True, eq=False)
class Course:
    """Lines over the same windows.

    Attributes
    ----------
    baseline
        What was measured before production; drawn thin, since it decides nothing.
    chance
        By window, what chance alone gives; None where nobody knows.
    ticks
        How a day is written on the axis, in the format of D3.
    percent
        Whether the numbers are shares, which are read as per cent.
    from_zero
        Whether zero is in sight.
    open_at
        The window that is still open: its numbers are of what came in so far, and no line leads there.
    """

    lines: tuple[Line, ...]
    limit: float | None = None
    limit_words: str = ""
    chance: tuple[float | None, ...] = ()
    baseline: float | None = None
    baseline_words: str = ""
    ticks: str = "%-d %b"
    percent: bool = False
    from_zero: bool = True
    open_at: datetime | None = None
