"""What the page of a review does: sign, withdraw."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.decisions.review.types import Decision, SignForm
from services.kernel.error import InvalidInput
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

DECISIONS = {
    "Approve": "approve",
    "Approve with conditions": "approve_with_conditions",
    "Request changes": "request_changes",
    "Reject": "reject",
}


@dataclass(frozen=True, slots=True)
class Decided:
    """A filled signature form.

    Attributes
    ----------
    shown_digest
        The basis digest that was drawn with the page.
    acknowledged
        Keys of the regressions that were ticked.
    """

    decision: str
    reason: str
    password: str
    shown_digest: str
    acknowledged: tuple[str, ...]
    key: str


def sign(services: "Services", principal: Principal, review_id: str, form: Decided) -> str:
    """Sign a review: prove who one is, then decide on exactly what was on the screen.

    Raises
    ------
    InvalidInput
        When no decision was chosen or no reason was given.
    Conflict
        When what would be signed is not what was shown; nothing is stored.
    """
    if not form.decision:
        raise InvalidInput("Choose a decision: none is chosen for you.")
    if not form.reason.strip():
        raise InvalidInput("Give a reason: say what you looked at, and why it suffices.")
    proof = services.sessions.reauthenticate(principal, form.password)
    outcome = services.reviews.sign(
        principal,
        proof,
        SignForm(
            review_id=review_id,
            decision=Decision(form.decision),
            reason=form.reason,
            shown_digest=form.shown_digest,
            key=form.key,
            acknowledged=form.acknowledged,
            conditions=conditions(form),
        ),
    )
    if outcome.task_id:
        return "Signed and recorded; the alias moves now."
    missing = ", ".join(role.value for role in outcome.missing)
    return f"Signed and recorded; still missing: {missing}." if missing else "Signed and recorded."


def conditions(form: Decided) -> tuple[str, ...]:
    """Return the conditions of an approval: each line of its reason; none of other decisions."""
    if form.decision != Decision.APPROVE_WITH_CONDITIONS:
        return ()
    return tuple(line.strip() for line in form.reason.splitlines() if line.strip())


def opened(services: "Services", principal: Principal, review_id: str, kind: str) -> None:
    """Note that this person has a kind of evidence on the screen."""
    services.reviews.opened(principal, review_id, kind)


def withdraw(services: "Services", principal: Principal, review_id: str) -> str:
    """Take a request back."""
    services.reviews.withdraw(principal, review_id)
    return "The request is withdrawn."


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A filled form that takes one's own signature back."""

    signature_id: str
    reason: str
    password: str


def take_back(services: "Services", principal: Principal, form: TakenBack) -> str:
    """Take one's own signature back: prove who one is, and say why."""
    proof = services.sessions.reauthenticate(principal, form.password)
    services.reviews.revoke(principal, proof, form.signature_id, form.reason)
    return "Your signature is taken back; it stays on file and counts no more."


def retry(services: "Services", principal: Principal, promotion_id: str) -> str:
    """Try a failed promotion again."""
    promotion = services.reviews.retry(principal, promotion_id)
    return f"{promotion.alias} is being moved; attempt {promotion.attempt}."


def give_up(services: "Services", principal: Principal, promotion_id: str, reason: str) -> str:
    """Give a failed promotion up."""
    services.reviews.give_up(principal, promotion_id, reason)
    return "The promotion is given up; a new review may be requested."
