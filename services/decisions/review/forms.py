"""What is asked when one person asks and signs in one act."""

from dataclasses import dataclass

from services.decisions.review.types import ReviewForm


@dataclass(frozen=True, slots=True)
class AtOnceForm:
    """What is asked when one person asks and signs in one act.

    Attributes
    ----------
    shown_digest
        The digest of what such a request would have rested on when the page was drawn.
    acknowledged
        Keys of the regressions that were ticked.
    """

    asked: ReviewForm
    shown_digest: str
    acknowledged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RollbackForm:
    """What is asked when an alias is rolled back; ``lifts`` where that ends a suspension."""

    model: str
    version: int
    alias: str
    reason: str
    key: str
    lifts: bool = False


@dataclass(frozen=True, slots=True)
class SuspendForm:
    """What is asked when a version is taken out of production; requested and signed in one act.

    Attributes
    ----------
    goes_to
        The version that the page said the alias goes back to; None when it is removed.
    """

    model: str
    version: int
    alias: str
    reason: str
    key: str
    goes_to: int | None
