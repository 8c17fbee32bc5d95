"""What is known of production alone: it moves with every window, so a policy asks for it live or not at all."""

from services.standards.policy.reading import read
from services.standards.policy.rules import kind_of
from services.standards.policy.types import Policy

IN_PRODUCTION = frozenset({"drift", "data_quality", "service_level", "kpi"})
"""Kinds of evidence that no measurement before a promotion can give."""


def refuse_unlive(data: bytes, policy: Policy) -> None:
    """Refuse a policy by which every window would void the signatures, or that no new version could pass.

    Parameters
    ----------
    data
        The file that the policy was read from.

    Raises
    ------
    PolicyError
        At a clause about production that is not live, and at evidence that no live clause reads.

    Notes
    -----
    Asked when a policy is published, so that what was published earlier stays readable.
    """
    held = read(data).value
    for part, clause in zip(
        held["clauses"].items() if policy.clauses else (), policy.clauses, strict=True
    ):
        kind = kind_of(clause.metric)
        if kind in IN_PRODUCTION and not clause.live:
            part.value["metric"].fail(
                f"{kind!r} is measured in production alone and moves with every window: write 'live: true'"
            )
    spoken = {kind_of(clause.metric) for clause in policy.clauses if clause.live}
    for kind in policy.evidence:
        if kind in IN_PRODUCTION - spoken:
            held["evidence"].keys[kind].fail(
                f"{kind!r} is measured in production alone, and no clause with 'live: true' reads it"
            )
