"""Approval, derived from signatures; and the conditions of signing, said before the button."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.decisions.review.separation import duties
from services.decisions.review.types import (
    Approval,
    Check,
    Decision,
    Review,
    ReviewState,
    Slot,
    Standing,
    Void,
)
from services.judgement.gate.types import ClauseResult, Result, Verdict
from services.kernel.identity import Role
from services.record.signature.types import Signature


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature beside what is true of its signer now.

    Attributes
    ----------
    roles
        Held now over the model; empty when the account is disabled.
    conflicts
        Why the signer is not independent now.
    """

    signature: Signature
    active: bool
    roles: frozenset[Role]
    conflicts: tuple[str, ...]


def fault(signed: Signed, digest: str, now: datetime, valid_days: int) -> str:
    """Return why a signature does not count; empty when it does."""
    given = signed.signature
    role = given.draft.slot_role
    reasons = (
        (given.is_revoked, "it was taken back"),
        (given.basis_digest != digest, "it covers something else than what is asked now"),
        (now - given.signed_at > timedelta(days=valid_days), f"it is older than {valid_days} days"),
        (not signed.active, "the account is disabled"),
        (role not in {held.value for held in signed.roles}, f"the signer is no {role} any more"),
        (bool(signed.conflicts), "the signer is not independent"),
    )
    return next((words for wrong, words in reasons if wrong), "")


def derive(
    found: Iterable[Signed],
    quorum: Mapping[Role, int],
    digest: str,
    now: datetime,
    valid_days: int,
) -> Approval:
    """Return who fills which slot now.

    Notes
    -----
    One person fills one slot, that of the role declared when signing; the earliest counts. Only
    approvals fill slots.
    """
    open_ = {role: count for role, count in quorum.items()}
    filled: list[Slot] = []
    void: list[Void] = []
    people: set[str] = set()
    for each in found:
        given = each.signature
        if not Decision(given.draft.decision).approves:
            continue
        why = fault(each, digest, now, valid_days)
        role = next((r for r in open_ if r.value == given.draft.slot_role), None)
        if not why and given.signer_id in people:
            why = "this person already fills a slot"
        if why or role is None:
            void.append(Void(given.signature_id, why or "the policy asks for no such role"))
            continue
        people.add(given.signer_id)
        if open_[role] > 0:
            open_[role] -= 1
            filled.append(Slot(role, given.signer_id, given.signature_id))
    empty = [Slot(role, None, None) for role, count in open_.items() for _ in range(count)]
    return Approval((*filled, *empty), tuple(void))


def blocking(verdict: Verdict) -> tuple[ClauseResult, ...]:
    """Return the clauses that keep a decision from following, worst first."""
    return tuple(clause for clause in verdict.clauses if not clause.result.permits)


def hopeless(verdict: Verdict) -> tuple[ClauseResult, ...]:
    """Return the blocking clauses that no waiver could excuse."""
    return tuple(clause for clause in blocking(verdict) if not clause.waivable)


def named(clauses: Iterable[ClauseResult]) -> str:
    """Return clauses as a sentence names them."""
    found = tuple(clauses)
    words = [
        f"{c.sentence} ({c.result.value}{': ' + c.reason.value.replace('_', ' ') if c.reason else ''})"
        for c in found[:3]
    ]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return ", ".join(words) + more


def gate_words(verdict: Verdict | None) -> tuple[bool, str]:
    """Return whether the gate lets an approval follow, and why not."""
    if verdict is None:
        return True, "A rollback is judged by its own rule."
    found = blocking(verdict)
    if not found:
        waived = verdict.count(Result.WAIVED)
        return True, "Every clause permits it" + (f", {waived} by waiver." if waived else ".")
    return False, f"Nobody can approve while this stands: {named(found)}."


def open_slots(approval: Approval, roles: frozenset[Role]) -> tuple[Role, ...]:
    """Return the roles in which somebody could sign now, each once."""
    return tuple(dict.fromkeys(role for role in approval.missing if role in roles))


@dataclass(frozen=True)
class Asking:
    """Who looks at a review, with what is known of them.

    Attributes
    ----------
    opened
        Kinds of evidence this person has opened.
    busy
        Label of a version that is on its way to the same alias, or empty.
    """

    person_id: str
    roles: frozenset[Role]
    conflicts: tuple[str, ...]
    opened: frozenset[str]
    signed: bool
    busy: str


def checks(
    review: Review, standing: Standing, approval: Approval, who: Asking, now: datetime
) -> tuple[Check, ...]:
    """Return every condition of signing, each as a fact."""
    passes, gate = gate_words(standing.verdict)
    unknown = standing.must_know_trainer and standing.parties.trainer is None
    unopened = [kind for kind in standing.required if kind not in who.opened]
    slots = open_slots(approval, who.roles)
    state = review.state_at(now)
    return (
        Check("open", "Open", state is ReviewState.OPEN, _state(state)),
        Check("time", "Time left", now < review.expires_at, _left(review, now)),
        Check("independent", "Independent", not who.conflicts, _independent(who, standing)),
        Check("authority", "Authority", bool(slots), _authority(slots, approval, who)),
        Check("unsigned", "Not signed yet", not who.signed,
              "You have already signed this." if who.signed else "You have not signed this yet."),
        Check("quorum", "Quorum", not approval.complete, approval.words + "."),
        Check("trainer", "Trainer known", not unknown, _trainer(standing, unknown=unknown),
              approving=True),
        Check("gate", "Gate", passes, gate, approving=True),
        Check("artifact", "Files known", standing.artifact_digest is not None,
              "The files of the version were hashed when it was measured."
              if standing.artifact_digest else "Measure the version first: its files were never hashed.",
              approving=True),
        Check("opened", "Evidence opened", not unopened,
              f"Open before approving: {', '.join(unopened)}." if unopened
              else "Every required kind of evidence was opened.", approving=True),
        Check("free", "Alias free", not who.busy,
              f"{who.busy} is on its way to {review.alias}; wait until it arrived."
              if who.busy else f"Nothing else is on its way to {review.alias}.", approving=True),
    )  # fmt: skip


def _state(state: ReviewState) -> str:
    if state is ReviewState.OPEN:
        return "The review is open."
    return f"The review is {state.value.replace('_', ' ')}; nothing can be signed."


def _left(review: Review, now: datetime) -> str:
    if now >= review.expires_at:
        return f"It expired on {review.expires_at:%d %B %Y}; request it again."
    if now >= review.due_at:
        days = (review.expires_at - now).days
        return f"Overdue since {review.due_at:%d %B %Y}; it closes in {days} days."
    days = (review.due_at - now).days
    return f"Due on {review.due_at:%d %B %Y}, in {days} days."


def _independent(who: Asking, standing: Standing) -> str:
    if who.conflicts:
        return f"You may not sign: {' and '.join(who.conflicts)}."
    apart = duties(standing.policy.review.separate)
    return f"Kept apart from signing: {apart}. None of it was yours."


def _authority(slots: tuple[Role, ...], approval: Approval, who: Asking) -> str:
    if slots:
        return f"You can sign as {' or '.join(role.value for role in slots)}."
    if approval.complete:
        return "Every slot is filled."
    wanted = " or ".join(dict.fromkeys(role.value for role in approval.missing))
    held = ", ".join(sorted(role.value for role in who.roles)) or "no role here"
    return f"Wanted: {wanted}. You are: {held}."


def _trainer(standing: Standing, *, unknown: bool) -> str:
    name = standing.parties.trainer_name
    if standing.parties.trainer is not None:
        return f"Trained by MLflow user {name!r}, who is a person of this console."
    seen = f"MLflow user {name!r} maps to nobody" if name else "the run names no user"
    if unknown:
        return f"Trainer unknown: {seen}. An administrator has to map the name first."
    return f"Trainer unknown: {seen}; this tier allows it."
