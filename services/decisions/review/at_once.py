"""Asking and signing in one act: a rollback, a suspension, and a promotion that one person may sign."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from sqlmodel import Session

from services.decisions.review import repository
from services.decisions.review.basis import BasisMoved
from services.decisions.review.deciding import Asked, Deciding
from services.decisions.review.forms import AtOnceForm, RollbackForm, SuspendForm
from services.decisions.review.signing import LONGEST, SHORTEST, Proof
from services.decisions.review.types import Decision, Purpose, SignForm, SignOutcome
from services.kernel.error import InvalidInput, NotPermitted
from services.kernel.identity import ModelRef
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.trail.repository import lock_head
from services.standards.authority.types import Action

PUT_RIGHT: Mapping[Purpose, tuple[Action, str]] = MappingProxyType(
    {
        Purpose.ROLLBACK: (Action.ROLLBACK, "why it is rolled back"),
        Purpose.SUSPENSION: (Action.SUSPEND, "why it is suspended"),
    }
)


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
                principal.person_id,
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
            When the version was never applied on that alias, or is suspended and ``form.lifts``
            does not say so.
        """
        may = self._standings.may_go_back
        return self._put_right(
            principal, proof, Purpose.ROLLBACK, form,
            lambda session, ref: may(session, ref, form.alias, lifts=form.lifts),
        )  # fmt: skip

    def suspend(self, principal: Principal, proof: Proof, form: SuspendForm) -> SignOutcome:
        """Take a version out of production: requested and signed in one act.

        Notes
        -----
        The alias goes back to the last version that was promoted to it and may run; where there is
        none it is removed. The version may not be promoted until a rollback to it is signed.

        Raises
        ------
        NotPermitted
            When this person is neither operator nor approver of the model.
        Conflict
            When the alias does not point at the version, or would go elsewhere than was shown.
        """
        may = self._standings.may_be_suspended
        return self._put_right(
            principal, proof, Purpose.SUSPENSION, form,
            lambda session, ref: may(session, ref, form.alias, form.goes_to),
        )  # fmt: skip

    def _put_right(
        self,
        principal: Principal,
        proof: Proof,
        purpose: Purpose,
        form: RollbackForm | SuspendForm,
        allowed: Callable[[Session, ModelRef], None],
    ) -> SignOutcome:
        action, what = PUT_RIGHT[purpose]
        reason = _sentence(form.reason, what)
        with self._at.store.unit(principal.actor) as unit:
            session = unit.session
            lock_head(session)
            known = self._at.signatures.by_key(session, form.key)
            if known is not None:
                return self._outcome(session, self.get(session, known.draft.review_id), known)
            model = self._at.governance.require(session, form.model)
            self._at.authority.require(principal, action, model=model.name, team=model.team_id)
            ref = self._at.registry.ref(session, form.model, form.version)
            allowed(session, ref)
            asked = Asked(purpose, ref, form.alias, reason, f"{form.key}:review")
            review = self._open(unit, principal.person_id, asked)
            sign = SignForm(
                review.review_id, Decision.APPROVE, reason, review.basis_digest, form.key
            )
            return self._sign(unit, principal, proof, review, sign)


def _sentence(text: str, what: str) -> str:
    words = clean(text, limit=LONGEST, what="The reason")
    if len(words) < SHORTEST:
        raise InvalidInput(f"Say in a sentence {what}.")
    return words
