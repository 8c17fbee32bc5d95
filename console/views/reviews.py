"""Reviews: what waits for me, and all of them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One review in a list."""

    review_id: str
    what: str
    model: str
    status: str
    word: str
    requested: str
    due: str
    urgent: bool
    signed: str
    mine: bool


@dataclass(frozen=True, slots=True)
class ReviewsView:
    """What the list shows, filtered."""

    sentence: str
    mine: tuple[ReviewRow, ...]
    rows: tuple[ReviewRow, ...]
    states: tuple[str, ...]
