"""The report of a serious incident: what is known here, and UNKNOWN where nobody wrote it.

The fields are those that Article 73 of Regulation (EU) 2024/1689 leads to. A person sends it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from services.decisions.incident.rules import due_at
from services.decisions.incident.types import (
    Entry,
    EntryKind,
    Incident,
    Remedy,
)

SCHEMA = "serious-incident/1"
UNKNOWN = "UNKNOWN"
PARTICULARS: Mapping[str, str] = MappingProxyType(
    {
        "occurred": "When it happened",
        "detected": "When it was detected",
        "provider_contact": "Contact of the provider",
        "deployer_contact": "Contact of the deployer",
        "member_state": "Member state",
        "authority": "Market surveillance authority",
        "eu_database_id": "Number in the EU database",
        "causal_link": "Causal link: suspected, likely or established",
        "affected": "Persons or groups affected, and how many",
        "immediate_actions": "Immediate actions",
        "corrective_actions": "Corrective actions",
        "evidence_preserved": "Evidence preserved: yes or no",
        "logs": "Where the logs are",
    }
)
"""What the report to the authority asks beside what is known here, and how it is called."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The report as two files, and where the archive keeps them."""

    markdown: bytes
    json: bytes
    markdown_sha256: str
    json_sha256: str


def report(
    incident: Incident, entries: Sequence[Entry], remedies: Sequence[Remedy]
) -> dict[str, object]:
    """Return the report as a mapping that JSON can say."""
    told = [each for each in entries if each.kind is EntryKind.REPORT]
    return {
        "schema": SCHEMA,
        "incident_no": incident.incident_id,
        "system": incident.model,
        "version": incident.version if incident.version is not None else UNKNOWN,
        "run_id": incident.run_id or UNKNOWN,
        "title": incident.title,
        "description": next((e.text for e in entries if e.kind is EntryKind.NOTE), UNKNOWN),
        "harm_class": incident.harm.value,
        "severity": incident.severity.value,
        "opened_at": incident.opened_at,
        "awareness_at": incident.aware_at,
        "due_at": due_at(incident.harm, incident.aware_at) or UNKNOWN,
        "stage": told[-1].text if told else UNKNOWN,
        "submitted_at": told[0].at if told else UNKNOWN,
        **{key: incident.particulars.get(key) or UNKNOWN for key in PARTICULARS},
        "evidence": [e.evidence_id for e in entries if e.evidence_id],
        "follow_up": [
            {"what": each.what, "due_at": each.due_at, "done_at": each.done_at} for each in remedies
        ],
        "cause": incident.post_mortem.cause if incident.post_mortem else UNKNOWN,
        "prevention": incident.post_mortem.prevention if incident.post_mortem else UNKNOWN,
    }


def to_markdown(held: Mapping[str, object]) -> str:
    """Return a report as a Markdown document, one section for each field."""
    parts = [f"# Report of a serious incident: {_inline(held['title'])}"]
    parts += [
        f"## {PARTICULARS.get(key, key.replace('_', ' ').capitalize())}\n\n{_words(value)}"
        for key, value in held.items()
        if key not in ("schema", "title")
    ]
    return "\n\n".join(parts) + "\n"


def _words(value: object) -> str:
    if value == UNKNOWN:
        return f"**{UNKNOWN}**: nobody has written this yet."
    if isinstance(value, list):
        return "\n".join(f"- {_words(each)}" for each in value) or "none"  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        said = [f"{key.replace('_', ' ')}: {_words(each)}" for key, each in value.items() if each]  # pyright: ignore
        return ", ".join(said)
    return _inline(value)


def _inline(value: object) -> str:
    text = value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
    escaped = "".join(f"\\{each}" if each in "\\`*_[]<>#|!" else each for each in text)
    return escaped.replace("\n", "  \n")
