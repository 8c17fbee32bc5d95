"""What would be signed now, by whom it may be signed, and what the signatures add up to."""

import json
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from services.decisions.modelcard.service import Cards
from services.decisions.promotion.service import Promotions
from services.decisions.promotion.types import Promotion
from services.decisions.retraining.service import Tickets
from services.decisions.review import rules
from services.decisions.review.basis import basis, changes, suspension_basis
from services.decisions.review.trainer import Trainer, Trainers
from services.decisions.review.training import OF_A_TICKET, training
from services.decisions.review.types import Approval, Purpose, Regression, Review, Standing
from services.facts.evidence.service import EvidenceStore
from services.facts.registry.service import Registry
from services.judgement.gate.service import Gate
from services.kernel.error import NotFound
from services.kernel.identity import ModelRef, Role, Tier
from services.people.account.service import Accounts
from services.people.account.types import Principal
from services.people.session.service import Sessions
from services.record.archive.service import Archive
from services.record.canonical import canonical
from services.record.signature.service import Signatures
from services.record.signature.types import Signature
from services.record.storage.remember import remembered
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority, roles
from services.standards.governance.service import Governance
from services.standards.policy.service import Policies
from services.standards.policy.types import Policy

ONE_APPROVER = {Role.APPROVER: 1}
BRAKE = (Role.APPROVER, Role.OPERATOR)
STRICT = frozenset({Tier.HIGH, Tier.CRITICAL})


@dataclass(frozen=True)
class Rooms:
    """The rooms a review reads."""

    store: Store
    archive: Archive
    accounts: Accounts
    authority: Authority
    governance: Governance
    policies: Policies
    gate: Gate
    registry: Registry
    evidence: EvidenceStore
    cards: Cards
    promotions: Promotions
    signatures: Signatures
    tasks: Tasks
    sessions: Sessions
    tickets: Tickets


class Standings:
    """Derives, at each use, what a review rests on."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms

    # what would be signed

    def of(self, session: Session, review: Review) -> Standing:
        """Return what a signature on a review would cover now; its basis is archived."""
        asked = {
            "purpose": review.purpose,
            "alias": review.alias,
            "requester": review.requested_by,
            "rationale": review.rationale,
            "subject": review.subject_id,
        }
        key = ("standing", review)
        return remembered(session, key, lambda: self.made(session, review.ref, asked))

    def made(self, session: Session, ref: ModelRef, review: dict[str, str]) -> Standing:
        """Return what a signature would cover, for a review that need not exist yet."""
        at, alias = self._at, review["alias"]
        policy = at.gate.policy(session, ref.name, alias)
        if review["purpose"] == Purpose.SUSPENSION:
            return self._suspending(session, ref, review, policy)
        if review["purpose"] == Purpose.RETRAIN:
            ticket = at.tickets.get(session, review["subject"])
            return training(at.archive, ticket, review, policy)
        rollback = review["purpose"] == Purpose.ROLLBACK
        verdict = None
        if not rollback:
            verdict = at.gate.check(session, ref, alias, at.cards.filled(session, ref))
        replaces = None if rollback else self._replaced(session, ref, alias)
        artifact = self._artifact(session, ref, alias, rollback=rollback)
        ended = at.promotions.suspension_of(session, ref) if rollback else None
        facts = {
            "artifact_digest": artifact,
            "card_sha256": at.cards.current(session, ref).sha256,
            "replaces": replaces,
            "lifts": ended.review_id if ended else None,
        }
        covered = basis(review, ref, policy, verdict, facts)
        digest = at.archive.put(canonical(covered))
        quorum = ONE_APPROVER if rollback else policy.review.quorum
        return Standing(policy, verdict, replaces, artifact, covered, digest, quorum=quorum)

    def _suspending(
        self, session: Session, ref: ModelRef, review: dict[str, str], policy: Policy
    ) -> Standing:
        before = self.fallback(session, ref, review["alias"])
        goes_to = before.target if before else None
        artifact = before.authorisation.artifact_digest if before else ""
        covered = suspension_basis(review, ref, goes_to, artifact)
        digest = self._at.archive.put(canonical(covered))
        return Standing(policy, None, ref, artifact, covered, digest, goes_to, ONE_APPROVER)

    def fallback(self, session: Session, ref: ModelRef, alias: str) -> Promotion | None:
        """Return the last promotion of another version that an alias may go back to, or None."""
        mirrored = {each.ref for each in self._at.registry.versions(session, ref.name)}
        for each in self._at.promotions.before(session, ref, alias):
            given = self._at.signatures.of_review(session, each.review_id)
            if each.target in mirrored and not any(one.is_revoked for one in given):
                return each
        return None

    def _replaced(self, session: Session, ref: ModelRef, alias: str) -> ModelRef | None:
        """Return what a promotion replaces: what the alias points at, or pointed at when signed.

        A promotion on its way whose move was mirrored already replaces what it replaced.
        """
        at = self._at
        champion = at.registry.champion(session, ref.name, alias)
        pending = at.promotions.pending(session, ref.name, alias)
        if champion is None or pending is None or pending.ref != ref or champion != ref:
            return champion
        signed = pending.authorisation.replaces
        if signed is None:
            return None
        return at.registry.ref(session, ref.name, signed.version)

    def _artifact(self, session: Session, ref: ModelRef, alias: str, *, rollback: bool) -> str:
        if rollback:
            before = self._at.promotions.once_applied(session, ref, alias)
            return before.authorisation.artifact_digest if before else ""
        for evidence in self._at.evidence.all_of(session, ref, most=1):
            for each in evidence.inputs:
                if each.role == "artifact":
                    return each.sha256
        return ""

    def changes(self, shown_digest: str, now: Standing) -> tuple[str, ...]:
        """Return what changed since a page was drawn."""
        try:
            shown: dict[str, Any] | None = json.loads(self._at.archive.get(shown_digest))
        except NotFound:
            shown = None
        return changes(shown, now.basis)

    def regressions(self, session: Session, ref: ModelRef, now: Standing) -> list[Regression]:
        """Return what is worse than in the version to be replaced."""
        if now.replaces is None or now.replaces == ref:
            return []
        mine = self._at.evidence.latest_by_kind(session, ref)
        theirs = self._at.evidence.latest_by_kind(session, now.replaces)
        return rules.regressions(mine, theirs, now.verdict)

    # who may sign

    def separate(self, review: Review, policy: Policy) -> tuple[str, ...]:
        """Return what is kept apart from signing; nothing where production is put right at once."""
        if review.purpose is Purpose.RETRAIN:
            return tuple(each for each in policy.review.separate if each in OF_A_TICKET)
        return tuple(policy.review.separate) if review.purpose is Purpose.PROMOTION else ()

    def trainer(self, session: Session, ref: ModelRef) -> Trainer:
        """Return who trained a version."""
        return Trainers(self._at.registry, self._at.accounts, self._at.tickets).of(session, ref)

    def involved(
        self, session: Session, review: Review, policy: Policy
    ) -> dict[str, frozenset[str]]:
        """Return who did what that the policy may keep apart from signing."""
        key = ("involved", review, policy.sha256)
        return remembered(session, key, lambda: self._involved(session, review, policy))

    def _involved(
        self, session: Session, review: Review, policy: Policy
    ) -> dict[str, frozenset[str]]:
        published = self._at.policies.by_sha256(session, policy.sha256)
        asked = {
            "requester": frozenset({review.requested_by}),
            "policy_author": frozenset({published.published_by}),
        }
        if review.purpose is Purpose.RETRAIN:
            return asked
        trainer = self.trainer(session, review.ref).person_id
        evidence = self._at.evidence.latest_by_kind(session, review.ref).values()
        editors = {self._asker(e.producer.task_id) for e in evidence if e.period_end is None}
        return {
            **asked,
            "trainer": frozenset({trainer} if trainer else ()),
            "card_author": self._at.cards.current(session, review.ref).authors,
            "last_evidence_editor": frozenset(editors - {""}),
        }

    def _asker(self, task_id: str) -> str:
        try:
            return self._at.tasks.get(task_id).requested_by
        except NotFound:
            return ""

    def approval(self, session: Session, review: Review, now: Standing) -> Approval:
        """Return what the signatures that count now add up to."""
        signatures = self._at.signatures.of_review(session, review.review_id)
        involved = self.involved(session, review, now.policy)
        separate = self.separate(review, now.policy)
        barred = frozenset(person for each in separate for person in involved[each])
        oldest = rules.oldest_that_counts(now.policy, self._at.store.clock.now())
        held = self._roles(session, review.ref.name, signatures)
        counted = rules.counted(signatures, now.basis_digest, oldest, held, barred)
        if review.purpose is Purpose.SUSPENSION:
            return rules.either(counted, BRAKE)
        return rules.approval(counted, now.quorum)

    def _roles(
        self, session: Session, name: str, signatures: list[Signature]
    ) -> dict[str, frozenset[Role]]:
        model = self._at.governance.require(session, name)
        found: dict[str, frozenset[Role]] = {}
        for signer in {each.signer_id for each in signatures}:
            if self._at.accounts.by_id(session, signer).active:
                grants = self._at.accounts.grants(session, signer)
                found[signer] = roles(grants, name, model.team_id)
        return found

    def slot(
        self, session: Session, principal: Principal, review: Review, now: Standing
    ) -> Role | None:
        """Return the role in which a person would sign: the first open slot they can fill."""
        model = self._at.governance.require(session, review.ref.name)
        mine = self._at.authority.roles_for(principal, model.name, model.team_id)
        missing = self.approval(session, review, now).missing
        return next((role for role in missing if role in mine), None)
