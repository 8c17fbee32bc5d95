"""Who may give a signature, and what signatures add up to: pure functions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from services.decisions.review.types import Approval, Decision, Regression, Review
from services.facts.evidence.types import Evidence, Measurement, MeasurementStatus
from services.judgement.gate.types import ClauseResult, Result, Verdict
from services.kernel.error import InvalidInput
from services.kernel.identity import Role
from services.kernel.metric import CATALOGUE
from services.kernel.text import one_line
from services.record.signature.types import Signature
from services.standards.policy.types import Policy

TITLES = {
    "requester": "requested this review",
    "trainer": "trained this version",
    "card_author": "wrote in its card",
    "last_evidence_editor": "asked for its last measurement",
    "policy_author": "published the policy it is held against",
}
SLIGHT = 1e-9
RESIDUAL = "explanation.additivity_residual"
RESERVED_ALIAS = re.compile(r"latest|v\d+", re.IGNORECASE)
TOLD = frozenset({"training_report"})
"""What is no quality of a version: how often a holdout was looked at, what a training took."""
USABLE_ALIAS = re.compile(r"[\w\-]{1,255}")


def alias_name(text: str, held: Iterable[str]) -> str:
    """Return an alias as MLflow will have it: spelled like the one there is, whatever the case.

    Raises
    ------
    InvalidInput
        When MLflow would refuse it: it is reserved, or has characters other than letters, digits,
        underscore and hyphen.
    """
    alias = one_line(text, limit=255, what="The alias")
    if RESERVED_ALIAS.fullmatch(alias):
        raise InvalidInput(f"MLflow keeps the alias {alias!r} for itself; choose another.")
    if not USABLE_ALIAS.fullmatch(alias):
        raise InvalidInput("An alias has letters, digits, underscores and hyphens alone.")
    return next((each for each in held if each.casefold() == alias.casefold()), alias)


def conflicts(
    person_id: str, separate: Iterable[str], involved: Mapping[str, frozenset[str]]
) -> list[str]:
    """Return why a person is not independent, in words; empty when nothing is wrong.

    Parameters
    ----------
    separate
        What the policy keeps apart.
    involved
        Who requested, trained, wrote, measured, and published.
    """
    return [TITLES[each] for each in separate if person_id in involved.get(each, frozenset())]


def counted(
    signatures: Sequence[Signature],
    basis_digest: str,
    oldest: datetime,
    standing_roles: Mapping[str, frozenset[Role]],
    barred: frozenset[str],
) -> list[Signature]:
    """Return the signatures that count now.

    Parameters
    ----------
    oldest
        Signatures given before are too old.
    standing_roles
        The roles each active signer holds for this model; nobody else counts.
    barred
        People who are not independent.
    """
    return [
        each
        for each in signatures
        if not each.is_revoked
        and each.basis_digest == basis_digest
        and Decision(each.draft.decision).approves
        and each.signed_at > oldest
        and each.signer_id not in barred
        and Role(each.draft.slot_role) in standing_roles.get(each.signer_id, frozenset())
    ]


def oldest_that_counts(policy: Policy, now: datetime) -> datetime:
    """Return the instant before which a signature is too old."""
    return now - timedelta(days=policy.review.approval_valid_days)


def approval(signatures: Sequence[Signature], quorum: Mapping[Role, int]) -> Approval:
    """Add signatures up; one person fills one slot, in the role declared at signing."""
    filled: dict[Role, tuple[str, ...]] = {}
    seen: set[str] = set()
    for each in signatures:
        role = Role(each.draft.slot_role)
        if each.signer_id not in seen and len(filled.get(role, ())) < quorum.get(role, 0):
            filled[role] = (*filled.get(role, ()), each.signer_id)
            seen.add(each.signer_id)
    missing = {role: n - len(filled.get(role, ())) for role, n in quorum.items()}
    return Approval(filled, {role: n for role, n in missing.items() if n > 0}, tuple(signatures))


def either(signatures: Sequence[Signature], roles: Sequence[Role]) -> Approval:
    """Add signatures up where one in any of some roles suffices."""
    for each in signatures:
        role = Role(each.draft.slot_role)
        if role in roles:
            return Approval({role: (each.signer_id,)}, {}, tuple(signatures))
    return Approval({}, dict.fromkeys(roles, 1), tuple(signatures))


def regressions(
    mine: Mapping[str, Evidence], theirs: Mapping[str, Evidence], verdict: Verdict | None
) -> list[Regression]:
    """Return what is worse than in the version to be replaced, worst clauses first."""
    clauses = verdict.clauses if verdict else ()
    failing = {
        (clause.metric, segment): clause.id
        for clause in clauses
        if clause.result is Result.FAIL
        for segment in _failing_segments(clause)
    }
    found: list[Regression] = []
    for kind in sorted(({*mine} & {*theirs}) - TOLD):
        before = {(m.metric, m.segment): m for m in theirs[kind].measurements}
        for after in mine[kind].measurements:
            worse = _worse(before.get((after.metric, after.segment)), after)
            if worse is not None:
                found.append(worse)
    named = [_named(each, failing.get((each.metric, each.segment), "")) for each in found]
    return sorted(named, key=lambda each: (not each.fails, each.key))


def _failing_segments(clause: ClauseResult) -> set[str]:
    """Return the groups that fail a clause; where it has no groups, the segment it was judged on."""
    if not clause.groups:
        return {clause.segment}
    return {group.segment for group in clause.groups if group.result is Result.FAIL}


def _named(worse: Regression, clause: str) -> Regression:
    return Regression(
        worse.key,
        worse.metric,
        worse.segment,
        worse.before,
        worse.after,
        worse.lo,
        worse.hi,
        clause,
    )


def _worse(was: Measurement | None, now: Measurement) -> Regression | None:
    known = CATALOGUE.get(now.metric)
    if known is None or was is None or known.direction == "none":
        return None
    if now.value is None or was.value is None or now.status is not MeasurementStatus.OK:
        return None
    kept = now.value >= was.value if known.direction == "higher" else now.value <= was.value
    slight = abs(now.value - was.value) <= SLIGHT * max(1.0, abs(was.value))
    if kept or slight or now.metric == RESIDUAL:
        return None
    key = f"{now.metric}:{now.segment}"
    return Regression(key, now.metric, now.segment, was.value, now.value, now.lo, now.hi)


def is_late(review: Review, now: datetime) -> bool:
    """Tell whether a review is past its date."""
    return now >= review.due_at
