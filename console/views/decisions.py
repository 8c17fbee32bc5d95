"""What people decided about a model: reviews, promotions, rollbacks, exemptions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One review, promotion or exemption."""

    what: str
    status: str
    word: str
    when: str
    by: str
    detail: str
    review_id: str = ""


@dataclass(frozen=True, slots=True)
class BackOption:
    """A version that an alias may be put back to."""

    alias: str
    current: int | None
    target: int
    words: str


@dataclass(frozen=True, slots=True)
class WayBack:
    """Whether this person may roll back, and to what."""

    allowed: bool
    why: str
    options: tuple[BackOption, ...]


@dataclass(frozen=True, slots=True)
class DecisionsView:
    """What the decisions tab shows."""

    name: str
    version: int
    reviews: tuple[DecisionRow, ...]
    promotions: tuple[DecisionRow, ...]
    exemptions: tuple[DecisionRow, ...]
    moves: tuple[DecisionRow, ...]
    back: WayBack
    excusable: tuple[str, ...] = ()
    may_excuse: bool = False
