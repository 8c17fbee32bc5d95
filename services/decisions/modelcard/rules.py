"""Drafting, editing, comparing and restoring a card: cards in, cards out."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from services.decisions.modelcard.secrets import refuse_secrets
from services.decisions.modelcard.types import (
    FIELDS,
    UNKNOWN,
    Card,
    DatasetFact,
    Field,
    FieldDiff,
    FieldEdit,
    FieldKind,
    RunFacts,
)
from services.kernel.error import InvalidInput
from services.kernel.identity import ModelRef
from services.kernel.metric import CATALOGUE
from services.kernel.text import clean
from services.record.canonical import digest

TEXT_LIMIT = 20_000
SYSTEM_AUTHOR = "system"


def digest_of(ref: ModelRef, fields: Mapping[str, Field]) -> str:
    """Return the digest of what a card says about a version."""
    return digest(content(ref, fields))


def content(ref: ModelRef, fields: Mapping[str, Field]) -> dict[str, Any]:
    """Return what a card says, as the value whose RFC 8785 bytes are archived (``card/1``)."""
    return {
        "schema": "card/1",
        "model_ref": {
            "registry": ref.registry,
            "workspace": ref.workspace,
            "name": ref.name,
            "version": ref.version,
            "run_id": ref.run_id,
            "source_uri": ref.source_uri,
        },
        "fields": {
            name: {"kind": f.kind, "text": f.text, "source": f.source, "by": f.by}
            for name, f in fields.items()
        },
    }


def blank(ref: ModelRef) -> Card:
    """Return the card of a version about which nothing is known yet."""
    fields = dict.fromkeys(FIELDS, UNKNOWN)
    return Card(ref, 0, fields, digest_of(ref, fields), SYSTEM_AUTHOR, None)


def drafted(facts: RunFacts) -> dict[str, Field]:
    """Return the fields of a first draft: *auto* where a source speaks, else *unknown*."""
    evaluation = ("evaluation", "validation", "test", "eval", "holdout")
    training = [d for d in facts.datasets if d.context.lower() not in evaluation]
    held_out = [d for d in facts.datasets if d.context.lower() in evaluation]
    words = {
        "title": (facts.title, "registry"),
        "model_type": (facts.model_type, "model file"),
        "intended_use": (facts.intended_use, "governance"),
        "training_data": (_datasets(training), "run"),
        "evaluation_data": (_datasets(held_out), "run"),
        "metrics": (_metric_lines(), "evidence"),
        "parameters": ("\n".join(f"{k} = {v}" for k, v in sorted(facts.parameters)), "run"),
        "source_code": (facts.git_commit and f"git commit {facts.git_commit}", "run"),
        "trainer": (facts.user, "run"),
        "owners": (facts.owners, "governance"),
    }
    words |= {name: (text, "run") for name, text in facts.said if name in FIELDS}
    fields = dict.fromkeys(FIELDS, UNKNOWN)
    for name, (text, source) in words.items():
        if text:
            fields[name] = Field(FieldKind.AUTO, text, source)
    return fields


def _datasets(found: Iterable[DatasetFact]) -> str:
    return "\n".join(f"{d.name} (digest {d.digest}, {d.context})" for d in found)


def _metric_lines() -> str:
    shown = [m for m in CATALOGUE.values() if m.family == "performance"]
    return "\n".join(f"{m.words}: [[{m.name}]]" for m in shown)


def checked(name: str, edit: FieldEdit) -> FieldEdit:
    """Return an edit with cleaned words.

    Raises
    ------
    InvalidInput
        For a section that no card has, words that only a source may say, a field without words,
        *not applicable* without a reason, hidden characters, or more than 20,000 characters.
    SecretFound
        When it holds something like a secret.
    """
    spec = FIELDS.get(name)
    if spec is None:
        raise InvalidInput(f"A card has no section called {name!r}.")
    text = clean(edit.text, limit=TEXT_LIMIT, what=spec.title)
    source = clean(edit.source, limit=500, what=f"The reason for {spec.title}")
    refuse_secrets(text, spec.title)
    refuse_secrets(source, f"The reason for {spec.title}")
    if edit.kind is FieldKind.AUTO:
        raise InvalidInput(f"{spec.title} can only be filled from its source by the console.")
    if edit.kind is FieldKind.HUMAN and not text:
        raise InvalidInput(f"{spec.title} is empty; write something or mark it unknown.")
    if edit.kind is FieldKind.NOT_APPLICABLE and not source:
        raise InvalidInput(f"Say why {spec.title.lower()} does not apply.")
    if edit.kind is FieldKind.UNKNOWN:
        return FieldEdit(FieldKind.UNKNOWN)
    return FieldEdit(edit.kind, text, source if edit.kind is FieldKind.NOT_APPLICABLE else "")


def edited(
    card: Card,
    edits: Mapping[str, FieldEdit],
    by: str,
    at: datetime,
) -> dict[str, Field]:
    """Return the fields of a card after checked edits.

    Notes
    -----
    A section without an edit, or whose edit says what stands there, keeps its author: saving
    somebody else's words makes nobody their author.
    """
    fields = dict(card.fields)
    for name, edit in edits.items():
        if (edit.kind, edit.text, edit.source) == _words(card, name):
            continue
        unknown = edit.kind is FieldKind.UNKNOWN
        fields[name] = UNKNOWN if unknown else Field(edit.kind, edit.text, edit.source, by, at)
    return fields


def with_evidence(field: Field, evidence: tuple[tuple[str, str], ...]) -> Field:
    """Return a field that remembers the evidence it was written beside."""
    return replace(field, evidence=evidence)


def moved(before: Card, now: Card, names: Iterable[str]) -> tuple[str, ...]:
    """Return which of some sections say something else now than in an earlier revision."""
    return tuple(n for n in names if _words(before, n) != _words(now, n))


def _words(card: Card, name: str) -> tuple[FieldKind, str, str]:
    field = card.fields.get(name, UNKNOWN)
    return field.kind, field.text, field.source


def differences(before: Card, after: Card) -> tuple[FieldDiff, ...]:
    """Return how two revisions differ, section by section; empty when they say the same."""
    return tuple(
        FieldDiff(
            name=spec.name,
            title=spec.title,
            before=before.fields.get(spec.name, UNKNOWN),
            after=after.fields.get(spec.name, UNKNOWN),
            lines=_lines(_words(before, spec.name)[1], _words(after, spec.name)[1]),
        )
        for spec in FIELDS.values()
        if _words(before, spec.name) != _words(after, spec.name)
    )


def _lines(before: str, after: str) -> tuple[str, ...]:
    compared = difflib.ndiff(before.splitlines(), after.splitlines())
    return tuple(line for line in compared if not line.startswith("?"))


def completeness(card: Card, required: Iterable[str]) -> tuple[int, tuple[str, ...]]:
    """Return how many required sections are filled, and the names of those that are not."""
    wanted = tuple(required)
    missing = tuple(n for n in wanted if card.fields.get(n, UNKNOWN).kind is FieldKind.UNKNOWN)
    return len(wanted) - len(missing), missing


def outdated(field: Field, standing: Mapping[str, str]) -> tuple[str, ...]:
    """Return the kinds of evidence that changed after a person wrote a field.

    Parameters
    ----------
    standing
        The payload digest of the newest evidence of each kind.
    """
    return tuple(kind for kind, sha256 in field.evidence if standing.get(kind, sha256) != sha256)
