"""What a signature covers, and what changed of it since: pure functions."""

from collections.abc import Mapping
from typing import Any

from services.judgement.gate.types import Verdict
from services.kernel.error import Conflict
from services.kernel.identity import ModelRef
from services.record.canonical import sha256_hex
from services.standards.policy.types import Policy

SCHEMA = "basis/1"
LIFTING = "basis/2"
SUSPENDING = "suspension/1"
TRAINING = "retrain/1"
FILED = "New evidence was filed"
WORDS = {
    "artifact_digest": "The files of the version were measured anew.",
    "replaces": "Another version is in production now.",
    "policy": "The policy was changed.",
    "card_revision_sha256": "The card was edited.",
    "evidence": f"{FILED}.",
    "waivers": "A waiver began or ended.",
    "clauses_sha256": "A clause of the gate came out differently.",
    "rationale_sha256": "The rationale was changed.",
    "goes_to": "The alias would go elsewhere now.",
    "lifts": "A suspension began or ended.",
    "base": "The version that it is to be better than is another now.",
    "recipe": "The recipe is another now.",
    "parameters": "The parameters were changed.",
    "engine": "It would run on another engine now.",
    "data": "The training data is another now.",
    "quote": "It was quoted anew.",
}


def basis(
    review: Mapping[str, str],
    ref: ModelRef,
    policy: Policy,
    verdict: Verdict | None,
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """Return exactly what a signature covers.

    Parameters
    ----------
    review
        ``purpose``, ``alias``, ``requester`` and ``rationale``.
    verdict
        None for a rollback.
    facts
        ``artifact_digest``, ``card_sha256``, ``replaces`` (a ModelRef or None), and ``lifts``, the
        id of the review whose suspension ends with this rollback; None when none does.
    """
    replaces: ModelRef | None = facts["replaces"]
    selected = verdict.selected if verdict else ()
    lifting = {"schema": LIFTING, "lifts": facts["lifts"]} if facts["lifts"] else {}
    return {
        "schema": SCHEMA,
        "purpose": review["purpose"],
        "model_ref": _ref(ref),
        "artifact_digest": facts["artifact_digest"],
        "alias": review["alias"],
        "replaces": {"version": replaces.version, "run_id": replaces.run_id} if replaces else None,
        "policy": {"id": policy.policy_id, "version": policy.version, "sha256": policy.sha256},
        "card_revision_sha256": facts["card_sha256"],
        "evidence": [{"kind": kind, "payload_sha256": sha256} for kind, sha256 in selected],
        "waivers": list(verdict.waivers) if verdict else [],
        "clauses_sha256": verdict.clauses_sha256 if verdict else "",
        "requester": review["requester"],
        "rationale_sha256": sha256_hex(review["rationale"].encode()),
        **lifting,
    }


def suspension_basis(
    review: Mapping[str, str], ref: ModelRef, goes_to: ModelRef | None, artifact_digest: str
) -> dict[str, Any]:
    """Return exactly what the signature under a suspension covers.

    Notes
    -----
    Neither policy nor card nor evidence: no edit of theirs may release a brake that was pulled.

    Parameters
    ----------
    review
        ``alias``, ``requester`` and ``rationale``.
    goes_to
        The version that the alias goes back to; None when it is removed.
    artifact_digest
        What the files of that version must hash to; empty when the alias is removed.
    """
    return {
        "schema": SUSPENDING,
        "purpose": "suspension",
        "model_ref": _ref(ref),
        "alias": review["alias"],
        "goes_to": _ref(goes_to) if goes_to else None,
        "artifact_digest": artifact_digest,
        "requester": review["requester"],
        "rationale_sha256": sha256_hex(review["rationale"].encode()),
    }


def retrain_basis(
    ticket: Mapping[str, Any], policy: Policy, requester: str, rationale: str
) -> dict[str, Any]:
    """Return exactly what the signature under a training covers.

    Notes
    -----
    Neither card nor evidence nor the gate: they judge the version that comes of it, in its own review.

    Parameters
    ----------
    ticket
        ``ticket``, ``model``, ``base``, ``recipe``, ``parameters``, ``engine``, ``data``, ``quote`` and
        ``cause``, as JSON.
    """
    return {
        "schema": TRAINING,
        "purpose": "retrain",
        **ticket,
        "policy": {"id": policy.policy_id, "version": policy.version, "sha256": policy.sha256},
        "requester": requester,
        "rationale_sha256": sha256_hex(rationale.encode()),
    }


def _ref(ref: ModelRef) -> dict[str, Any]:
    return {
        "registry": ref.registry,
        "workspace": ref.workspace,
        "name": ref.name,
        "version": ref.version,
        "run_id": ref.run_id,
        "source_uri": ref.source_uri,
    }


def changes(shown: Mapping[str, Any] | None, now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what changed since a page was drawn, one short sentence each."""
    if shown is None:
        return ("What this page showed is not on file.",)
    found = {key: words for key, words in WORDS.items() if shown.get(key) != now.get(key)}
    if "evidence" in found:
        before, after = _kinds(shown), _kinds(now)
        kinds = sorted(k for k in {*before, *after} if before.get(k) != after.get(k))
        found["evidence"] = f"{FILED}: {', '.join(kinds)}."
    return tuple(found.values())


def _kinds(held: Mapping[str, Any]) -> dict[str, str]:
    return {each["kind"]: each["payload_sha256"] for each in held.get("evidence", ())}


class BasisMoved(Conflict):
    """What was on the screen is not what stands now; nothing was stored.

    Attributes
    ----------
    changes
        One short sentence for each thing that changed.
    """

    def __init__(self, changes: tuple[str, ...]) -> None:
        what = " ".join(changes) or "Something changed."
        super().__init__(f"{what} Nothing was signed; reload the page and look again.")
        self.changes = changes
