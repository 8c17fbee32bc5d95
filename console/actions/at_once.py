"""Asking and signing in one act, where the policy keeps nobody apart."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.views.model import ModelHead
from services.decisions.review.forms import AtOnceForm
from services.decisions.review.types import ReviewForm
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class AskedAtOnce:
    """A filled form that asks and signs.

    Attributes
    ----------
    shown_digest
        The digest of what the page showed when the button was pressed.
    acknowledged
        Keys of the regressions that were ticked.
    """

    alias: str
    rationale: str
    password: str
    shown_digest: str
    acknowledged: tuple[str, ...]
    key: str


def request_and_sign(
    services: "Services",
    principal: Principal,
    head: ModelHead,
    form: AskedAtOnce,
    opened: list[str],
) -> str:
    """Prove who one is, ask and sign; the review's id is added to ``opened``."""
    proof = services.sessions.reauthenticate(principal, form.password)
    asked = ReviewForm(head.name, head.version, form.alias, form.rationale, form.key)
    outcome = services.reviews.request_and_sign(
        principal, proof, AtOnceForm(asked, form.shown_digest, form.acknowledged)
    )
    opened.append(outcome.review.review_id)
    return "Signed and recorded; the alias moves now."
