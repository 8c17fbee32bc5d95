"""Separation of duties, from data: who had a hand in it may not sign it."""

from collections.abc import Iterable

from services.decisions.review.types import Parties
from services.kernel.identity import Tier

STRICT = frozenset({Tier.HIGH, Tier.CRITICAL})


def conflicts(person_id: str, parties: Parties, separate: Iterable[str]) -> tuple[str, ...]:
    """Return why a person is not independent, one sentence each; empty when nothing is wrong.

    Parameters
    ----------
    separate
        The duties that the policy keeps apart from signing.
    """
    words = {
        "requester": ("you requested this review", {parties.requester}),
        "trainer": (_trained(parties), {parties.trainer}),
        "card_author": ("you wrote in its model card", parties.card_authors),
        "last_evidence_editor": ("you asked for its measurement", parties.evidence_editors),
        "policy_author": ("you published its policy", {parties.policy_author}),
    }
    found = (words[duty] for duty in separate if duty in words)
    return tuple(sentence for sentence, people in found if person_id in people)


def _trained(parties: Parties) -> str:
    return f"you trained this version (MLflow user {parties.trainer_name!r})"


def must_know_trainer(tier: Tier) -> bool:
    """Tell whether nobody may approve before it is known who trained the version."""
    return tier in STRICT


def duties(separate: Iterable[str]) -> str:
    """Return the duties a policy keeps apart, in words."""
    words = {
        "requester": "requesting",
        "trainer": "training",
        "card_author": "writing the card",
        "last_evidence_editor": "measuring",
        "policy_author": "writing the policy",
    }
    named = [words[each] for each in separate if each in words]
    return ", ".join(named) if named else "nothing"
