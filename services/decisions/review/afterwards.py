"""What may follow a signature: taking it back, and trying a failed promotion again or giving it up."""

from services.decisions.promotion.types import Promotion, PromotionState
from services.decisions.review.reading import ReviewReader
from services.decisions.review.signing import LONGEST, SHORTEST, Proof
from services.decisions.review.types import Purpose, ReviewState
from services.kernel.error import Conflict, InvalidInput, NotPermitted
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.signature.types import Signature
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.authority.types import Action


class Afterwards(ReviewReader):
    """Second thoughts, and second tries."""

    def revoke(
        self, principal: Principal, proof: Proof, signature_id: str, reason: str
    ) -> Signature:
        """Take one's own signature back; it stays on file and counts no more.

        Notes
        -----
        A promotion that is on its way stops at its next step; one that was applied stays where it
        is and is shown as no longer approved: rolling back is a decision of its own. A training that
        it allowed does not begin, or is asked to stop.

        Raises
        ------
        NotPermitted
            When it is another person's signature, or the proof of identity is not good.
        """
        words = clean(reason, limit=LONGEST, what="The reason")
        if len(words) < SHORTEST:
            raise InvalidInput("Say in a sentence why you take your signature back.")
        with self._at.store.unit(principal.actor) as unit:
            lock_head(unit.session)
            self._standings.proved(unit.session, principal, proof)
            given = self._at.signatures.by_id(unit.session, signature_id)
            if given.signer_id != principal.person_id:
                raise NotPermitted("Only the person who signed may take a signature back.")
            if given.is_revoked:
                raise Conflict("This signature was taken back already.")
            review = self.get(unit.session, given.draft.review_id)
            if review.purpose is Purpose.RETRAIN and review.state is ReviewState.CONSUMED:
                self._at.tickets.disallowed(unit, review.subject_id, principal.person_id)
            return self._at.signatures.revoke(unit, signature_id, principal.person_id, words)

    def retry(self, principal: Principal, promotion_id: str) -> Promotion:
        """Try a failed promotion again; what was signed must still hold.

        Raises
        ------
        Conflict
            When the approval no longer holds, or the promotion did not fail.
        """
        with self._at.store.unit(principal.actor) as unit:
            promotion = self._failed(unit, principal, promotion_id)
            against = self.still_approved(unit.session, promotion)
            if against:
                raise Conflict(against)
            return self._at.promotions.retry(unit, promotion_id)

    def give_up(self, principal: Principal, promotion_id: str, reason: str) -> Promotion:
        """Give a failed promotion up for good."""
        words = clean(reason, limit=LONGEST, what="The reason")
        if len(words) < SHORTEST:
            raise InvalidInput("Say in a sentence why it is given up.")
        with self._at.store.unit(principal.actor) as unit:
            self._failed(unit, principal, promotion_id)
            return self._at.promotions.cancel(unit, promotion_id, words)

    def _failed(self, unit: UnitOfWork, principal: Principal, promotion_id: str) -> Promotion:
        lock_head(unit.session)
        promotion = self._at.promotions.get(unit.session, promotion_id)
        model = self._at.governance.require(unit.session, promotion.ref.name)
        self._at.authority.require(
            principal, Action.PROMOTION_RETRY, model=model.name, team=model.team_id
        )
        if promotion.state is not PromotionState.FAILED:
            raise Conflict(f"This promotion is {promotion.state.replace('_', ' ')}; reload.")
        return promotion
