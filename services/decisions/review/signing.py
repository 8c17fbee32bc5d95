"""What stands between a form and a signature."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.decisions.review.types import Check, Decision, Regression, Review, SignForm
from services.kernel.error import (
    InsufficientEvidence,
    InvalidInput,
    NotPermitted,
    SeparationOfDutiesViolated,
)
from services.kernel.identity import Role
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.signature.types import Meaning, SignatureDraft, SignedRecord

LONGEST = 4000
SHORTEST = 10
MEANINGS: Mapping[Decision, Meaning] = {
    Decision.APPROVE: Meaning.APPROVAL,
    Decision.APPROVE_WITH_CONDITIONS: Meaning.APPROVAL,
    Decision.REQUEST_CHANGES: Meaning.REVIEW,
    Decision.REJECT: Meaning.REJECTION,
}


class Proof(Protocol):
    """The proof that the person who signs is the person who signed in."""

    @property
    def auth_event_id(self) -> str:
        """Return the id of the proof."""
        ...

    @property
    def method(self) -> str:
        """Return how it was proved."""
        ...

    @property
    def components(self) -> int:
        """Return how many things were proved."""
        ...


@dataclass(frozen=True)
class Signer:
    """In which role somebody signs, the sealed name, and the evidence that was opened."""

    role: Role
    printed_name: Mapping[str, str]
    opened: frozenset[str]


def refuse(checks: Iterable[Check], worse: Sequence[Regression], form: SignForm) -> None:
    """Refuse a signature whose conditions do not hold.

    Raises
    ------
    SeparationOfDutiesViolated, NotPermitted, InsufficientEvidence, InvalidInput
        The first condition that does not hold, in its own words.
    """
    reason = clean(form.reason, limit=LONGEST, what="The reason")
    if len(reason) < SHORTEST:
        raise InvalidInput("Say in a sentence what you looked at and why it suffices.")
    if form.decision is Decision.APPROVE_WITH_CONDITIONS and not form.conditions:
        raise InvalidInput("Write down the conditions.")
    held = {check.key: check for check in checks}
    needed = ["independent", "authority", "time"]
    if form.decision.approves:
        needed += ["trainer", "gate", "evidence", "suspended"]
    for key in needed:
        check = held.get(key)
        if check is not None and not check.ok:
            raise _error(key)(check.words)
    left = [each for each in worse if each.key not in form.acknowledged]
    if form.decision.approves and left:
        raise InvalidInput(f"Acknowledge each regression first; {len(left)} left.")


def _error(key: str) -> type[NotPermitted | InsufficientEvidence]:
    if key in ("gate", "evidence"):
        return InsufficientEvidence
    return SeparationOfDutiesViolated if key == "independent" else NotPermitted


def draft_of(
    principal: Principal,
    proof: Proof,
    review: Review,
    form: SignForm,
    signer: Signer,
) -> SignatureDraft:
    """Return the signature about to be given."""
    return SignatureDraft(
        record=SignedRecord("review", review.review_id, review.round, form.shown_digest),
        review_id=review.review_id,
        signer_id=principal.person_id,
        printed_name=signer.printed_name,
        signer_title=signer.role.value,
        slot_role=signer.role.value,
        meaning=MEANINGS[form.decision],
        decision=form.decision.value,
        reason_text=form.reason,
        auth_method=proof.method,
        auth_components=proof.components,
        auth_event_id=proof.auth_event_id,
        session_id=principal.session_id,
        idempotency_key=form.key,
        conditions=form.conditions,
        acknowledged=form.acknowledged,
        opened=tuple(sorted(signer.opened)),
    )
