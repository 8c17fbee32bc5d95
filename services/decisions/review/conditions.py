"""The conditions of signing, each said before the button."""

from datetime import timedelta

from sqlmodel import Session

from services.decisions.review import repository, rules
from services.decisions.review.signing import Proof
from services.decisions.review.standing import STRICT, Standings
from services.decisions.review.types import Approval, Check, Purpose, Review, Standing
from services.kernel.error import Conflict, NotPermitted
from services.kernel.identity import ModelRef, Role
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.policy.types import Policy

FRESH = timedelta(minutes=10)


class Conditions(Standings):
    """Says whether a person may sign, and why not."""

    def proved(self, session: Session, principal: Principal, proof: Proof) -> None:
        """Refuse a proof of identity that is not on file, not this person's, or not fresh.

        Raises
        ------
        NotPermitted
            When it is not; machines have no password and never sign.
        """
        held = self._at.sessions.auth_event(session, proof.auth_event_id)
        mine = held is not None and held.person_id == principal.person_id
        if held is None or not mine or held.session_id != principal.session_id:
            raise NotPermitted("Prove who you are in this session before you sign.")
        if self._at.store.clock.now() - held.at > FRESH:
            raise NotPermitted("Your password was entered too long ago; enter it again.")

    def may_go_back(
        self, session: Session, ref: ModelRef, alias: str, *, lifts: bool = False
    ) -> None:
        """Refuse a target that stands there already, never stood there, or is not signed for any more.

        Parameters
        ----------
        lifts
            Whether the rollback is meant to end a suspension of the version.

        Raises
        ------
        Conflict
            When an alias may not go back to it, or it is suspended unawares.
        """
        if not lifts:
            self.refuse_suspended(session, ref)
        now = self._at.registry.champion(session, ref.name, alias)
        if now is not None and (now.version, now.run_id) == (ref.version, ref.run_id):
            raise Conflict(f"{alias} points at {ref.label} already.")
        before = self._at.promotions.once_applied(session, ref, alias)
        if before is None:
            raise Conflict(f"{ref.label} was never promoted to {alias} here; request a review.")
        given = self._at.signatures.of_review(session, before.review_id)
        if any(each.is_revoked for each in given):
            raise Conflict(f"A signature for {ref.label} was taken back; request a review.")

    def refuse_suspended(self, session: Session, ref: ModelRef) -> None:
        """Refuse a version that is suspended.

        Raises
        ------
        Conflict
            Until a rollback to it was signed and applied.
        """
        if self._at.promotions.suspension_of(session, ref) is not None:
            raise Conflict(f"{ref.label} is suspended; only a rollback to it ends that.")

    def may_be_suspended(
        self, session: Session, ref: ModelRef, alias: str, goes_to: int | None
    ) -> None:
        """Refuse to suspend what an alias does not point at, or to another end than was shown.

        Raises
        ------
        Conflict
            When the alias points elsewhere, or would go elsewhere than to ``goes_to``.
        """
        now = self._at.registry.champion(session, ref.name, alias)
        if now is None or (now.version, now.run_id) != (ref.version, ref.run_id):
            raise Conflict(f"{alias} does not point at {ref.label} now; reload the page.")
        target = self.fallback(session, ref, alias)
        if (target.ref.version if target else None) != goes_to:
            raise Conflict(f"{alias} would go elsewhere than this page said; reload it.")

    def checks(
        self, session: Session, principal: Principal, review: Review, now: Standing
    ) -> tuple[Check, ...]:
        """Return the conditions of signing, each said before the button."""
        approval = self.approval(session, review, now)
        found = [
            self._independent(session, principal, review, now),
            self._authority(session, principal, review, now),
            self._quorum(approval, now),
        ]
        if review.purpose is Purpose.PROMOTION:
            found += [
                self._trainer_known(session, review),
                self._opened(session, principal, review, now),
                _gate(now),
                *self._suspended(session, review),
            ]
        late = rules.is_late(review, self._at.store.clock.now())
        words = "The date to decide by has passed." if late else "There is time to decide."
        return (*found, Check("time", not late, "Time", words))

    def _independent(
        self, session: Session, principal: Principal, review: Review, now: Standing
    ) -> Check:
        separate = self.separate(review, now.policy)
        involved = self.involved(session, review, now.policy)
        against = rules.conflicts(principal.person_id, separate, involved)
        if against:
            return Check("independent", False, "Independent", f"You {' and '.join(against)}.")  # noqa: FBT003
        words = (
            "You did not train, request or write this."
            if separate
            else "This policy keeps nobody apart."
        )
        return Check("independent", True, "Independent", words)  # noqa: FBT003

    def _authority(
        self, session: Session, principal: Principal, review: Review, now: Standing
    ) -> Check:
        role = self.slot(session, principal, review, now)
        if role is not None:
            return Check("authority", True, "Authority", f"You sign as {role.value}.")  # noqa: FBT003
        missing = self.approval(session, review, now).missing
        needed = ", ".join(r.value for r in missing) or "nobody more"
        return Check("authority", False, "Authority", f"A signature is needed from: {needed}.")  # noqa: FBT003

    def _quorum(self, approval: Approval, now: Standing) -> Check:
        quorum = now.quorum
        done = sum(len(people) for people in approval.filled.values())
        missing = ", ".join(f"{n} {role.value}" for role, n in approval.missing.items())
        words = f"{done} of {sum(quorum.values())} signed" + (
            f"; missing: {missing}." if missing else "."
        )
        return Check("quorum", True, "Quorum", words)  # noqa: FBT003

    def _trainer_known(self, session: Session, review: Review) -> Check:
        trainer = self.trainer(session, review.ref)
        model = self._at.governance.require(session, review.ref.name)
        if trainer.known:
            return Check("trainer", True, "Trainer", f"Trained by {trainer.words}.")  # noqa: FBT003
        blocks = model.tier in STRICT
        more = "; an administrator must say who that is." if blocks else "."
        return Check("trainer", not blocks, "Trainer unknown", f"Trained by {trainer.words}{more}")

    def _suspended(self, session: Session, review: Review) -> tuple[Check, ...]:
        if self._at.promotions.suspension_of(session, review.ref) is None:
            return ()
        words = f"{review.ref.label} is suspended; only a rollback to it ends that."
        return (Check("suspended", False, "Suspended", words),)  # noqa: FBT003

    def _opened(
        self, session: Session, principal: Principal, review: Review, now: Standing
    ) -> Check:
        needed = {kind for kind, _ in now.verdict.selected} if now.verdict else set[str]()
        seen = repository.opened(session, review.review_id, principal.person_id)
        left = sorted(needed - seen)
        words = f"{len(needed) - len(left)} of {len(needed)} opened" + (
            f"; open: {', '.join(left)}." if left else "."
        )
        return Check("evidence", not left, "Evidence", words)

    def alone(
        self, session: Session, principal: Principal, ref: ModelRef, policy: Policy
    ) -> Role | None:
        """Return the role in which one person may ask and sign in one act; None where two must.

        Notes
        -----
        The policy keeps nobody apart, one signature fills its quorum, this person holds the role,
        and may ask.
        """
        if policy.review.separate or sum(policy.review.quorum.values()) != 1:
            return None
        model = self._at.governance.require(session, ref.name)
        where = {"model": model.name, "team": model.team_id}
        if not self._at.authority.permits(principal, Action.REVIEW_REQUEST, **where):
            return None
        mine = self._at.authority.roles_for(principal, **where)
        return next((role for role in policy.review.quorum if role in mine), None)


def _gate(now: Standing) -> Check:
    if now.verdict is None or now.verdict.result.permits:
        return Check("gate", True, "Gate", "Nothing in the gate stands against it.")  # noqa: FBT003
    worst = now.verdict.clauses[0]
    word = "fails" if worst.result.value == "fail" else "is unknown"
    return Check("gate", False, "Gate", f"The clause {worst.id!r} {word}: it cannot be approved.")  # noqa: FBT003
