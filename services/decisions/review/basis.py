"""The basis: exactly what a signature covers, as bytes, and how two of them differ."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from services.decisions.promotion.types import Replaced
from services.decisions.review.types import Purpose
from services.judgement.gate.types import Verdict
from services.kernel.identity import ModelRef
from services.record.canonical import digest, sha256_hex
from services.standards.policy.types import Policy

SCHEMA = "basis/1"


def build(
    subject: tuple[Purpose, ModelRef, str],
    policy: Policy,
    verdict: Verdict | None,
    digests: tuple[str | None, str],
    replaces: Replaced | None,
    asked: tuple[str, str],
) -> dict[str, Any]:  # fmt: skip
    """Return the value whose RFC 8785 bytes are signed.

    Parameters
    ----------
    subject
        Purpose, version and alias.
    verdict
        None for a rollback: its evidence is not compared.
    digests
        Of the version's files (None: never measured) and of the card.
    asked
        The requester's id and the rationale.

    Notes
    -----
    Live clauses are in none of its parts: they are judged again when it is promoted.
    """
    purpose, ref, alias = subject
    return {
        "schema": SCHEMA,
        "purpose": purpose.value,
        "model_ref": asdict(ref),
        "artifact_digest": digests[0],
        "alias": alias,
        "replaces": asdict(replaces) if replaces else None,
        "policy": {"id": policy.policy_id, "version": policy.version, "sha256": policy.sha256},
        "card_revision_sha256": digests[1],
        "evidence": [
            {"kind": kind, "payload_sha256": sha256}
            for kind, sha256 in sorted(verdict.selected if verdict else ())
        ],
        "waivers": sorted(verdict.waivers) if verdict else [],
        "clauses_sha256": verdict.clauses_sha256 if verdict else digest([]),
        "requester": asked[0],
        "rationale_sha256": sha256_hex(asked[1].encode()),
    }


def differences(shown: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    """Return in words what moved between two bases; empty when nothing did."""
    found = [
        words
        for key, words in _WORDS.items()
        if shown.get(key) != now.get(key)
    ]  # fmt: skip
    found += _policy(shown, now) + _champion(shown, now) + _evidence(shown, now)
    if not found and shown.get("clauses_sha256") != now.get("clauses_sha256"):
        found.append("the result of a clause is another (evidence grew old, or was excused)")
    return tuple(found)


_WORDS = {
    "card_revision_sha256": "the model card was edited",
    "artifact_digest": "the files of the version are others",
    "model_ref": "the version was made again",
    "waivers": "a waiver began or ended",
    "rationale_sha256": "the rationale was edited",
    "requester": "somebody else asks",
    "alias": "another alias is asked for",
    "purpose": "something else is asked for",
}


def _policy(shown: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    if shown.get("policy") == now.get("policy"):
        return []
    return [f"the policy is now {now['policy']['id']} v{now['policy']['version']}"]


def _champion(shown: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    if shown.get("replaces") == now.get("replaces"):
        return []
    held = now.get("replaces")
    where = f"version {held['version']}" if held else "no version"
    return [f"the champion is another: {now['alias']} points at {where} now"]


def _evidence(shown: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    before, after = _by_kind(shown), _by_kind(now)
    words: list[str] = []
    for kind in sorted(set(before) | set(after)):
        if before.get(kind) == after.get(kind):
            continue
        if kind not in before:
            words.append(f"evidence of kind {kind} was added")
        elif kind not in after:
            words.append(f"evidence of kind {kind} no longer counts")
        else:
            words.append(f"the evidence of kind {kind} is another")
    return words


def _by_kind(basis: Mapping[str, Any]) -> dict[str, str]:
    return {each["kind"]: each["payload_sha256"] for each in basis.get("evidence", ())}
