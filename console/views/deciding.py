"""Whether a person may decide a review, and what would be signed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.views.review import ReviewView
from console.views.signing import Block, MayCheck
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

TO_DECIDE = ("independent", "authority", "time")
MEANING = "I decide on exactly what stands on this page"


@dataclass(frozen=True, slots=True)
class Deciding:
    """Whether this person may decide, and what would be signed.

    Attributes
    ----------
    against
        What stands against an approval; sending back and rejecting may still be possible.
    """

    checks: tuple[MayCheck, ...]
    may: bool
    against: tuple[str, ...]
    block: Block


def load(services: "Services", principal: Principal, view: ReviewView) -> Deciding:
    """Return whether this person may decide; asked after the evidence was drawn."""
    with services.store.reading() as session:
        review = services.reviews.get(session, view.review_id)
        checks = services.reviews.checks(session, principal, review)
        role = services.reviews.slot(session, principal, review)
    held = {check.key: check.ok for check in checks}
    may = view.open and all(held.get(key, True) for key in TO_DECIDE)
    against = tuple(check.words for check in checks if not check.ok)
    return Deciding(
        tuple(MayCheck(check.ok, check.title, check.words) for check in checks),
        may,
        () if may and not against else against,
        Block(principal.name, role or "no role that signs here", MEANING, view.digest),
    )
