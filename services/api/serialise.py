"""The shapes in which the API says things: one place, so that no route invents its own."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from services.decisions.retraining import encoding

if TYPE_CHECKING:
    from services.decisions.incident.types import Deadline, Incident
    from services.decisions.modelcard.types import Card
    from services.decisions.retraining.types import Ticket
    from services.facts.evidence.types import Evidence
    from services.facts.registry.types import Model, Version
    from services.judgement.alert.types import Alert
    from services.judgement.gate.types import ClauseResult, GroupResult, Result, Verdict
    from services.record.task.types import Task
    from services.record.trail.types import TrailEvent


def plain(value: Any) -> Any:
    """Return a value of ours in what JSON can say.

    Notes
    -----
    Instants are RFC 3339 in UTC, decimals strings, numbers that are not finite null.
    """
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    return _collection(value)


def _collection(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(plain(each) for each in value)
    return value


def model(found: "Model", governed: Any, as_of: datetime | None) -> dict[str, Any]:
    """Return a model with who governs it; ``governed`` is null while nobody does."""
    return {
        "name": found.name,
        "description": found.description,
        "tags": plain(found.tags),
        "latest_version": found.latest_version,
        "aliases": plain(found.aliases),
        "governed": plain(governed),
        "as_of": plain(as_of),
    }


def version(found: "Version") -> dict[str, Any]:
    """Return a version."""
    told = plain(found)
    return {"name": found.ref.name, "version": found.ref.version, **told}


def clause(found: "ClauseResult") -> dict[str, Any]:
    """Return how one clause was judged."""
    return {
        "id": found.id,
        "metric": found.metric,
        "segment": found.segment,
        "value": plain(found.value),
        "lo": plain(found.lo),
        "hi": plain(found.hi),
        "n": found.n,
        "limit": found.limit,
        "result": _word(found.result),
        "reason": str(found.reason),
        "detail": found.detail,
        "untold": found.untold,
        "sentence": found.sentence,
        "groups": [_group(each) for each in found.groups],
        "evidence_id": found.evidence_id,
        "produced_at": plain(found.produced_at),
        "live": found.live,
        "waiver_id": found.waiver_id,
    }


def gate(verdict: "Verdict", basis_digest: str | None, approval: Any) -> dict[str, Any]:
    """Return a verdict with its clauses, worst first.

    Parameters
    ----------
    basis_digest
        What a signature over this state would cover; None while nothing can be signed.
    approval
        Whether the signatures are complete; None when it was not asked.
    """
    return {
        "model": verdict.ref.name,
        "version": verdict.ref.version,
        "alias": verdict.alias,
        "verdict": _word(verdict.result),
        "permits": verdict.result.permits,
        "basis_digest": basis_digest,
        "policy": {
            "id": verdict.policy_id,
            "version": verdict.policy_version,
            "sha256": verdict.policy_sha256,
        },
        "counts": _counts(verdict),
        "clauses": [clause(each) for each in verdict.clauses],
        "approval": plain(approval),
    }


def _group(found: "GroupResult") -> dict[str, Any]:
    return {**plain(found), "result": _word(found.result)}


def _word(result: "Result") -> str:
    return result.name


def _counts(verdict: "Verdict") -> dict[str, int]:
    words = [_word(each.result) for each in verdict.clauses]
    return {each: words.count(each) for each in sorted(set(words))}


def evidence(found: "Evidence") -> dict[str, Any]:
    """Return evidence with its measurements."""
    return plain(found)


def card(found: "Card") -> dict[str, Any]:
    """Return a model card."""
    return plain(found)


def task(found: "Task") -> dict[str, Any]:
    """Return a task; what was asked stays in the console, and so do rows that a person asked for."""
    told = plain(found)
    told.pop("payload")
    if found.kind == "drill_down":
        told.pop("result")
    return told


def alert(found: "Alert") -> dict[str, Any]:
    """Return an alert; what people wrote about it stays in the console."""
    told = plain(found)
    ref = told.pop("ref")
    told.pop("reason")
    return {
        "id": told.pop("alert_id"),
        "model": ref["name"],
        "version": ref["version"],
        "run_id": ref["run_id"],
        **told,
        "dedup_key": found.dedup_key,
    }


def incident(found: "Incident", clock: "Deadline | None") -> dict[str, Any]:
    """Return an incident; of what people wrote, its title alone leaves the console.

    Parameters
    ----------
    clock
        Until when the authority is to be told; None when no clock runs.
    """
    told = plain(found)
    for written in ("particulars", "post_mortem"):
        told.pop(written)
    return {"id": told.pop("incident_id"), **told, "report": plain(clock)}


def ticket(found: "Ticket") -> dict[str, Any]:
    """Return a ticket; amounts are decimals as text with their currency."""
    told = plain(found)
    told["quote"] = encoding.quote(found.quote)
    told["spent"] = encoding.money(found.spent)
    return {"id": told.pop("ticket_id"), **told}


def event(found: "TrailEvent") -> dict[str, Any]:
    """Return an event of the trail."""
    return {
        "seq": found.seq,
        "id": found.event_id,
        "at": plain(found.at),
        "actor": plain(found.actor),
        "action": found.action,
        "subject": {"kind": found.subject_kind, "id": found.subject_id},
        "payload": plain(found.payload),
        "chain_hash": found.chain_hash,
    }
