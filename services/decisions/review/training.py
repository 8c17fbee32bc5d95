"""What stands to be signed when a training is decided: pure but for the archive that keeps it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.decisions.retraining import encoding
from services.decisions.retraining.types import Ticket
from services.decisions.review.basis import retrain_basis
from services.decisions.review.types import Standing
from services.kernel.identity import Role
from services.record.archive.service import Archive
from services.record.canonical import canonical
from services.standards.policy.types import Policy

OF_A_TICKET = frozenset({"requester", "policy_author"})
"""Who may be kept apart from allowing a training: nobody trained or measured what is not there yet."""


def training(
    archive: Archive, ticket: Ticket, review: Mapping[str, str], policy: Policy
) -> Standing:
    """Return what a signature under a training would cover now.

    Parameters
    ----------
    review
        ``requester`` and ``rationale``.
    """
    covered = retrain_basis(_decided(ticket), policy, review["requester"], review["rationale"])
    digest = archive.put(canonical(covered))
    return Standing(policy, None, None, "", covered, digest, quorum=quorum(ticket, policy))


def quorum(ticket: Ticket, policy: Policy) -> Mapping[Role, int]:
    """Return who must sign: by the policy in force, or as the ticket was quoted where it asks nobody."""
    worst = ticket.quote.worst if ticket.quote else None
    now = policy.retraining.quorum(ticket.cause.trigger, worst, policy.review.quorum)
    return now or {Role(role): n for role, n in ticket.quorum.items()}


def _decided(ticket: Ticket) -> dict[str, Any]:
    """Return what of a ticket is decided, as JSON."""
    data, quote = ticket.data, ticket.quote
    return {
        "ticket": {"id": ticket.ticket_id, "round": ticket.round},
        "model": ticket.model,
        "base": asdict(ticket.base) if ticket.base else None,
        "recipe": {
            "name": ticket.recipe,
            "version": ticket.recipe_version,
            "sha256": ticket.recipe_sha256,
        },
        "parameters": dict(ticket.parameters),
        "engine": ticket.engine,
        "data": {"sha256": data.sha256, "rows": data.rows, "report": data.report} if data else None,
        "quote": {
            "worst": encoding.money(quote.worst),
            "currency": quote.currency,
            "unpriced": list(quote.unpriced),
            "prices": list(quote.prices),
        }
        if quote
        else None,
        "cause": ticket.cause.key,
    }
