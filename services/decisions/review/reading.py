"""Reading reviews: who waits for whom, on what ground, and whether it is approved."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from services.decisions.promotion.types import Promotion
from services.decisions.review import repository
from services.decisions.review.conditions import Conditions
from services.decisions.review.standing import Rooms
from services.decisions.review.trainer import Trainer
from services.decisions.review.types import (
    Approval,
    AtOnceOffer,
    Check,
    Purpose,
    Regression,
    Review,
    ReviewState,
    Standing,
)
from services.kernel.error import NotFound
from services.kernel.identity import ModelRef
from services.people.account.types import Principal
from services.record.signature.types import Signature

BLANK = {"purpose": Purpose.PROMOTION.value, "requester": "", "rationale": ""}
Found = list[Review]
Given = list[Signature]
Worse = list[Regression]


class ReviewReader:
    """Every review there was, to read."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms
        self._standings = Conditions(rooms)

    def get(self, session: Session, review_id: str) -> Review:
        """Return one review.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        found = repository.by_id(session, review_id)
        if found is None:
            raise NotFound("There is no such review.")
        return found

    def list(
        self,
        session: Session,
        *,
        model: str | None = None,
        state: str | None = None,
        at: datetime | None = None,
    ) -> Found:
        """Return reviews as they stand, or stood at an instant, oldest first."""
        return repository.find(session, model=model, state=state, at=at)

    def inbox(self, session: Session, principal: Principal) -> Found:
        """Return the open reviews that this person may sign, oldest first."""
        found: Found = []
        for review in repository.find(session, state=ReviewState.OPEN):
            now = self._standings.of(session, review)
            checks = {c.key: c.ok for c in self._standings.checks(session, principal, review, now)}
            if checks["independent"] and checks["authority"]:
                found.append(review)
        return found

    def standing(self, session: Session, review: Review) -> Standing:
        """Return what a signature on a review would cover now."""
        return self._standings.of(session, review)

    def standing_of(self, session: Session, ref: ModelRef, alias: str) -> Standing:
        """Return what a signature for an alias would cover: the open review's, or a blank one's."""
        for review in reversed(repository.find(session, model=ref.name)):
            same = review.ref == ref and review.alias.casefold() == alias.casefold()
            if same and review.purpose is Purpose.PROMOTION:
                return self._standings.of(session, review)
        return self.unasked(session, ref, alias)

    def unasked(self, session: Session, ref: ModelRef, alias: str) -> Standing:
        """Return what a request for an alias would rest on, before anybody asked."""
        return self._standings.made(session, ref, {**BLANK, "alias": alias})

    def at_once(
        self, session: Session, principal: Principal, ref: ModelRef, alias: str
    ) -> AtOnceOffer | None:
        """Return what one act of asking and signing would cover; None where two people are needed."""
        now = self.unasked(session, ref, alias)
        role = self._standings.alone(session, principal, ref, now.policy)
        if role is None or now.verdict is None or not now.verdict.result.permits:
            return None
        return AtOnceOffer(role, now, tuple(self._standings.regressions(session, ref, now)))

    def fallback(self, session: Session, ref: ModelRef, alias: str) -> ModelRef | None:
        """Return where an alias goes when a version is suspended; None when it is removed."""
        found = self._standings.fallback(session, ref, alias)
        return found.target if found else None

    def checks(self, session: Session, principal: Principal, review: Review) -> tuple[Check, ...]:
        """Return the conditions of signing for a person, each with its words."""
        return self._standings.checks(session, principal, review, self.standing(session, review))

    def approval(self, session: Session, review: Review) -> Approval:
        """Return what the signatures that count now add up to."""
        return self._standings.approval(session, review, self.standing(session, review))

    def approved(self, session: Session, ref: ModelRef, alias: str) -> bool:
        """Tell whether a version's last review for an alias is approved, or was and is applied.

        Notes
        -----
        A suspended version is not.
        """
        if self._at.promotions.suspension_of(session, ref) is not None:
            return False
        applied = self._at.promotions.applied(session, ref.name, alias)
        if applied is not None and applied.target == ref:
            given = self._at.signatures.of_review(session, applied.review_id)
            return not any(each.is_revoked for each in given)
        for review in reversed(repository.find(session, model=ref.name)):
            same = review.ref == ref and review.alias.casefold() == alias.casefold()
            if same and review.purpose in (Purpose.PROMOTION, Purpose.ROLLBACK):
                return self.approval(session, review).complete
        return False

    def signatures(self, session: Session, review_id: str) -> Given:
        """Return the signatures of a review; revoked ones are among them."""
        return self._at.signatures.of_review(session, review_id)

    def trainer(self, session: Session, ref: ModelRef) -> Trainer:
        """Return who trained a version."""
        return self._standings.trainer(session, ref)

    def regressions(self, session: Session, review: Review) -> Worse:
        """Return what is worse than in the version to be replaced, or that was replaced."""
        now = self.standing(session, review)
        promotion = self._at.promotions.of_review(session, review.review_id)
        if promotion is not None:
            now = replace(now, replaces=self._replaced(session, promotion))
        return self._standings.regressions(session, review.ref, now)

    def _replaced(self, session: Session, promotion: Promotion) -> ModelRef | None:
        """Return what a promotion replaced; None when nothing, or when it is gone since."""
        held = promotion.authorisation.replaces
        if held is None:
            return None
        found = self._at.registry.refs(session, {promotion.ref.name: held.version})
        return found.get(promotion.ref.name)

    def slot(self, session: Session, principal: Principal, review: Review) -> str:
        """Return the role in which a person would sign; empty when in none."""
        role = self._standings.slot(session, principal, review, self.standing(session, review))
        return role.value if role else ""

    def still_approved(self, session: Session, promotion: Promotion) -> str:
        """Return why a promotion may not go on, in one sentence; empty when it may."""
        review = self.get(session, promotion.review_id)
        now = self.standing(session, review)
        if now.basis_digest != promotion.authorisation.basis_digest:
            changed = self._standings.changes(promotion.authorisation.basis_digest, now)
            return f"{' '.join(changed)} The approval is void; request a review again."
        if not self._standings.approval(session, review, now).complete:
            return "A signature it rests on no longer counts; request a review again."
        is_promotion = review.purpose is Purpose.PROMOTION
        if is_promotion and self._at.promotions.suspension_of(session, review.ref) is not None:
            return f"{review.ref.label} was suspended meanwhile."
        if now.verdict is not None and not now.verdict.result.permits:
            return f"The clause {now.verdict.clauses[0].id!r} stands against it now."
        return ""
