"""What is known of production alone: it moves with every window, so a policy asks for it live or not at all."""

from services.standards.policy.monitoring import KEYS, RULE_KEYS
from services.standards.policy.reading import Part, read
from services.standards.policy.rules import kind_of
from services.standards.policy.types import Policy

PROTECTED = "fairness."
"""Metrics whose groups are those of protected attributes, and need no pinned segment."""
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
        At a clause about production that is not live, at evidence that no live clause reads, and at a
        rule about segments that nobody pins.

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
    _refuse_unpinned(held)


def _refuse_unpinned(held: dict[str, Part]) -> None:
    """Refuse a rule about segments that are not profiled: it would never fire, and nobody would know."""
    watched = held["monitoring"].members(KEYS) if "monitoring" in held else {}
    pinned = set(watched["segments"].texts()) if "segments" in watched else set[str]()
    for rule in watched["rules"].items() if "rules" in watched else ():
        its = rule.members(RULE_KEYS)
        if "by" not in its or its["metric"].text().startswith(PROTECTED):
            continue
        for each in its["by"].items():
            if each.text() not in pinned:
                each.fail(
                    f"{each.text()!r} is no pinned segment, so this rule would never fire: name it in "
                    "'segments' of 'monitoring'"
                )
