"""Requesting, signing, sending back: one transaction each, and nothing that stores *approved*."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlmodel import Session

from services.decisions.promotion.types import Authorisation, Replaced
from services.decisions.review import repository, rules
from services.decisions.review.basis import BasisMoved
from services.decisions.review.reading import ReviewReader
from services.decisions.review.signing import LONGEST, SHORTEST, Proof, Signer, draft_of, refuse
from services.decisions.review.types import (
    REVIEW,
    Decision,
    Purpose,
    Review,
    ReviewForm,
    ReviewState,
    SignForm,
    SignOutcome,
    Standing,
)
from services.kernel.error import Conflict, InvalidInput, NotPermitted
from services.kernel.identity import SYSTEM, ModelRef, new_id
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.signature.types import Signature
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.authority.types import Action


@dataclass(frozen=True, slots=True)
class Asked:
    """What a review is opened for."""

    purpose: Purpose
    ref: ModelRef
    alias: str
    rationale: str
    key: str


class Deciding(ReviewReader):
    """Requests, and the signatures under them."""

    def opened(self, principal: Principal, review_id: str, kind: str) -> None:
        """Note that a person opened a kind of evidence."""
        with self._at.store.operational() as session:
            now = self._at.store.clock.now()
            repository.note_opened(session, review_id, principal.person_id, kind, now)

    def request(self, principal: Principal, form: ReviewForm) -> Review:
        """Ask for a decision; the same key asks once.

        Raises
        ------
        NotFound
            When there is no such version, or nobody governs the model yet.
        Conflict
            When a review of the model for that alias is open.
        """
        rationale = clean(form.rationale, limit=LONGEST, what="The rationale")
        if len(rationale) < SHORTEST:
            raise InvalidInput("Say in a sentence why this version should be promoted.")
        with self._at.store.unit(principal.actor) as unit:
            lock_head(unit.session)
            known = repository.by_key(unit.session, form.key)
            if known is not None:
                return known
            model = self._at.governance.require(unit.session, form.model)
            self._at.authority.require(
                principal, Action.REVIEW_REQUEST, model=model.name, team=model.team_id
            )
            ref = self._at.registry.ref(unit.session, form.model, form.version)
            asked = Asked(Purpose.PROMOTION, ref, form.alias, rationale, form.key)
            return self._open(unit, principal.person_id, asked)

    def _open(self, unit: UnitOfWork, requester: str, asked: Asked) -> Review:
        purpose, ref, rationale = asked.purpose, asked.ref, asked.rationale
        others = repository.find(unit.session, model=ref.name)
        held = self._at.registry.aliases(unit.session, ref.name)
        alias = rules.alias_name(asked.alias, held)
        same = [
            each
            for each in others
            if each.alias.casefold() == alias.casefold() and each.purpose is purpose
        ]
        if any(each.state is ReviewState.OPEN for each in same):
            raise Conflict(
                f"A review of {ref.name} for {alias} is open; decide or withdraw it first."
            )
        rounds = sum(each.ref == ref for each in same)
        if purpose is Purpose.PROMOTION:
            self._standings.refuse_suspended(unit.session, ref)
        blank = {
            "purpose": purpose.value, "alias": alias, "requester": requester, "rationale": rationale,
        }  # fmt: skip
        now = self._standings.made(unit.session, ref, blank)
        review = Review(
            new_id(), purpose, ref, alias, rounds + 1, requester, unit.now, rationale,
            unit.now + timedelta(days=now.policy.review.due_days), ReviewState.OPEN, now.basis_digest,
        )  # fmt: skip
        seq = unit.event(
            "review:requested", ("review", review.review_id), purpose=purpose, model=ref.name,
            version=ref.version, run_id=ref.run_id, alias=alias, round=review.round,
            basis_digest=now.basis_digest, due_at=review.due_at,
        )  # fmt: skip
        repository.keep_key(unit, asked.key, review.review_id)
        return repository.write(unit, review, seq)

    def withdraw(self, principal: Principal, review_id: str) -> Review:
        """Take a request back; only who asked may."""
        with self._at.store.unit(principal.actor) as unit:
            lock_head(unit.session)
            review = self.get(unit.session, review_id)
            if review.requested_by != principal.person_id:
                raise NotPermitted("Only the person who requested a review may withdraw it.")
            REVIEW.check(review.state, ReviewState.WITHDRAWN)
            if review.purpose is Purpose.RETRAIN:
                words = "The request for its approval was taken back."
                self._at.tickets.called_off(unit, principal, review.subject_id, words)
            seq = unit.event("review:withdrawn", ("review", review_id))
            return repository.move(unit, review, ReviewState.WITHDRAWN, seq)

    def sign(self, principal: Principal, proof: Proof, form: SignForm) -> SignOutcome:
        """Sign a decision over exactly what was on the screen; the same key signs once.

        Raises
        ------
        BasisMoved
            When what stands now is not what was shown; nothing is stored.
        NotPermitted, SeparationOfDutiesViolated, InsufficientEvidence
            When a condition of signing does not hold; the sentence says which.
        """
        with self._at.store.unit(principal.actor) as unit:
            lock_head(unit.session)
            review = self.get(unit.session, form.review_id)
            known = self._at.signatures.by_key(unit.session, form.key)
            if known is None:
                return self._sign(unit, principal, proof, review, form)
            return self._outcome(unit.session, review, known)

    def _sign(
        self, unit: UnitOfWork, principal: Principal, proof: Proof, review: Review, form: SignForm
    ) -> SignOutcome:
        session = unit.session
        self._standings.proved(session, principal, proof)
        if review.state is not ReviewState.OPEN:
            raise Conflict(f"This review is {review.state.replace('_', ' ')}; reload the page.")
        now = self._standings.of(session, review)
        if form.shown_digest != now.basis_digest:
            raise BasisMoved(self._standings.changes(form.shown_digest, now))
        checks = self._standings.checks(session, principal, review, now)
        worse = self._standings.regressions(session, review.ref, now)
        refuse(checks, worse, form)
        role = self._standings.slot(session, principal, review, now)
        if role is None:
            raise NotPermitted("No signature of your roles is missing here.")
        opened = repository.opened(session, review.review_id, principal.person_id)
        name = self._at.accounts.seal(session, principal.person_id, principal.name)
        draft = draft_of(principal, proof, review, form, Signer(role, name, opened))
        signature = self._at.signatures.add(unit, draft)
        review = self._follow(unit, review, now, form)
        return self._outcome(session, review, signature)

    def _follow(self, unit: UnitOfWork, review: Review, now: Standing, form: SignForm) -> Review:
        """Do what a decision brings: close the review, or begin what it allows."""
        subject, ticket = ("review", review.review_id), review.purpose is Purpose.RETRAIN
        if form.decision is Decision.REJECT:
            if ticket:
                self._at.tickets.refused(unit, review.subject_id, f"Rejected: {form.reason}")
            seq = unit.event("review:rejected", subject)
            return repository.move(unit, review, ReviewState.REJECTED, seq)
        if form.decision is Decision.REQUEST_CHANGES:
            if ticket:
                self._at.tickets.send_back(unit, review.subject_id, form.reason)
            seq = unit.event("review:returned", subject)
            return repository.move(unit, review, ReviewState.CHANGES_REQUESTED, seq)
        if not self._standings.approval(unit.session, review, now).complete:
            return review
        if ticket:
            self._at.tickets.approve(unit, review.subject_id)
        else:
            self._authorise(unit, review, now)
        seq = lock_head(unit.session)[1]
        done = replace(review, state=ReviewState.CONSUMED, basis_digest=now.basis_digest)
        return repository.write(unit, done, seq)

    def _authorise(self, unit: UnitOfWork, review: Review, now: Standing) -> None:
        replaces = now.replaces
        self._at.promotions.authorise(
            unit,
            Authorisation(
                review_id=review.review_id,
                purpose=review.purpose.value,
                ref=now.goes_to or review.ref,
                alias=review.alias,
                replaces=Replaced(replaces.version, replaces.run_id) if replaces else None,
                artifact_digest=now.artifact_digest,
                basis_digest=now.basis_digest,
                requested_by=review.requested_by,
                due_again_at=unit.now + timedelta(days=now.policy.review.next_review_days),
            ),
        )

    def expire(self) -> int:
        """Close the open reviews whose date has passed; return how many."""
        with self._at.store.reading() as session:
            now = self._at.store.clock.now()
            late = [
                r for r in repository.find(session, state=ReviewState.OPEN) if rules.is_late(r, now)
            ]
        for review in late:
            with self._at.store.unit(SYSTEM) as unit:
                lock_head(unit.session)
                current = self.get(unit.session, review.review_id)
                if current.state is ReviewState.OPEN:
                    if current.purpose is Purpose.RETRAIN:
                        self._at.tickets.undecided(unit, current.subject_id)
                    seq = unit.event("review:expired", ("review", review.review_id))
                    repository.move(unit, current, ReviewState.EXPIRED, seq)
        return len(late)

    def _outcome(self, session: Session, review: Review, signature: Signature) -> SignOutcome:
        if review.purpose is Purpose.RETRAIN:
            return self._training(session, review, signature)
        promotion = self._at.promotions.of_review(session, review.review_id)
        missing = {} if promotion else self.approval(session, review).missing
        return SignOutcome(
            signature, review, missing,
            promotion.promotion_id if promotion else None, promotion.task_id if promotion else None,
        )  # fmt: skip

    def _training(self, session: Session, review: Review, signature: Signature) -> SignOutcome:
        if review.state is not ReviewState.CONSUMED:
            return SignOutcome(signature, review, self.approval(session, review).missing)
        ticket = self._at.tickets.get(session, review.subject_id)
        return SignOutcome(signature, review, task_id=ticket.task_id)
