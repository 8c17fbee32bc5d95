"""Asking and signing in one act: a rollback, and a promotion where the policy keeps nobody apart."""

from services.decisions.review import repository
from services.decisions.review.deciding import Asked, Deciding
from services.decisions.review.signing import LONGEST, SHORTEST, Proof
from services.decisions.review.types import (
    AtOnceForm,
    BasisMoved,
    Decision,
    Purpose,
    RollbackForm,
    SignForm,
    SignOutcome,
)
from services.kernel.error import InvalidInput, NotPermitted
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.trail.repository import lock_head
from services.standards.authority.types import Action


class AtOnce(Deciding):
    """Decisions that one person takes in one act."""

    def request_and_sign(self, principal: Principal, proof: Proof, form: AtOnceForm) -> SignOutcome:
        """Ask for a promotion and sign it; the same key does it once.

        Raises
        ------
        NotPermitted
            When the policy wants another person's signature.
        BasisMoved
            When what stands now is not what was shown; nothing is stored.
        """
        asked = form.asked
        rationale = _sentence(asked.rationale, "why this version should be promoted")
        with self._at.store.unit(principal.actor) as unit:
            session = unit.session
            lock_head(session)
            known = self._at.signatures.by_key(session, asked.key)
            if known is not None:
                return self._outcome(session, self.get(session, known.draft.review_id), known)
            ref = self._at.registry.ref(session, asked.model, asked.version)
            now = self.unasked(session, ref, asked.alias)
            if self._standings.alone(session, principal, ref, now.policy) is None:
                raise NotPermitted(
                    f"The policy {now.policy.policy_id!r} wants another signature than yours; "
                    "request a review."
                )
            if form.shown_digest != now.basis_digest:
                raise BasisMoved(self._standings.changes(form.shown_digest, now))
            review = self._open(
                unit,
                principal,
                Asked(Purpose.PROMOTION, ref, asked.alias, rationale, f"{asked.key}:review"),
            )
            for kind, _ in now.verdict.selected if now.verdict else ():
                person = principal.person_id
                repository.note_opened(session, review.review_id, person, kind, unit.now)
            session.flush()
            sign = SignForm(
                review.review_id, Decision.APPROVE, rationale, review.basis_digest, asked.key,
                form.acknowledged,
            )  # fmt: skip
            return self._sign(unit, principal, proof, review, sign)

    def roll_back(self, principal: Principal, proof: Proof, form: RollbackForm) -> SignOutcome:
        """Put an alias back to a version it once had: requested and signed in one act.

        Raises
        ------
        NotPermitted
            When this person is no approver of the model.
        Conflict
            When the version was never applied on that alias.
        """
        reason = _sentence(form.reason, "why it is rolled back")
        with self._at.store.unit(principal.actor) as unit:
            lock_head(unit.session)
            known = self._at.signatures.by_key(unit.session, form.key)
            if known is not None:
                return self._outcome(
                    unit.session, self.get(unit.session, known.draft.review_id), known
                )
            model = self._at.governance.require(unit.session, form.model)
            self._at.authority.require(
                principal, Action.ROLLBACK, model=model.name, team=model.team_id
            )
            ref = self._at.registry.ref(unit.session, form.model, form.version)
            self._standings.may_go_back(unit.session, ref, form.alias)
            asked = Asked(Purpose.ROLLBACK, ref, form.alias, reason, f"{form.key}:review")
            review = self._open(unit, principal, asked)
            sign = SignForm(
                review.review_id, Decision.APPROVE, reason, review.basis_digest, form.key
            )
            return self._sign(unit, principal, proof, review, sign)


def _sentence(text: str, what: str) -> str:
    words = clean(text, limit=LONGEST, what="The reason")
    if len(words) < SHORTEST:
        raise InvalidInput(f"Say in a sentence {what}.")
    return words
