"""Evidence of a version, down to the payload, and what failed to be measured."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from console.format import NOTHING, age, count, instant, interval, segment, share
from console.views.model import ModelHead
from services.facts.evidence.types import Evidence, EvidenceFailure, Measurement
from services.kernel.error import NotFound
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One filed evidence."""

    evidence_id: str
    kind: str
    status: str
    word: str
    produced: str
    age: str
    measurements: str
    n: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FailureRow:
    """One measurement that ended without evidence, naming the limit it met."""

    kind: str
    when: str
    reason: str
    limit: str


@dataclass(frozen=True, slots=True)
class EvidenceDetail:
    """One evidence with everything that produced it.

    Attributes
    ----------
    measurements
        Metric, segment, value, n, method, status.
    payload
        The archived JSON, indented.
    """

    evidence_id: str
    kind: str
    facts: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str, str], ...]
    measurements: tuple[tuple[str, str, str, str, str, str], ...]
    sha256: str
    payload: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """All evidence of a version, the newest first."""

    name: str
    version: int
    rows: tuple[EvidenceRow, ...]
    failures: tuple[FailureRow, ...]
    detail: EvidenceDetail | None
    unknown_id: str = ""


_LONGEST = 200_000
MOST = 30
"""Of each kind; production files every closed day, and the trail names them all."""


def load(services: "Services", principal: Principal, head: ModelHead, opened: str) -> EvidenceView:
    """Return what was filed for a version; ``opened`` is the evidence shown in full."""
    del principal  # the head was loaded for this person
    now = services.clock.now()
    with services.store.reading() as session:
        ref = services.registry.ref(session, head.name, head.version)
        filed = services.evidence.all_of(session, ref, most=MOST)
        failed = services.evidence.failures(session, ref)
    filed = sorted(filed, key=lambda e: e.produced_at, reverse=True)
    newest = {e.kind: e.evidence_id for e in reversed(filed)}
    chosen = next((e for e in filed if e.evidence_id == opened), None)
    return EvidenceView(
        head.name,
        head.version,
        tuple(row(e, now, standing=newest[e.kind] == e.evidence_id) for e in filed),
        tuple(_failure(each) for each in failed),
        _detail(services, chosen) if chosen else None,
        opened if opened and chosen is None else "",
    )


def row(evidence: Evidence, now: datetime, *, standing: bool = True) -> EvidenceRow:
    """Return one evidence as a line; what a newer one replaced is said to be earlier."""
    rows = max((m.n for m in evidence.measurements), default=0)
    return EvidenceRow(
        evidence.evidence_id, evidence.kind.value, "info" if standing else "none",
        "Filed" if standing else "Earlier", instant(evidence.produced_at),
        age(evidence.produced_at, now), count(len(evidence.measurements)), count(rows),
        evidence.payload_sha256,
    )  # fmt: skip


def _failure(each: EvidenceFailure) -> FailureRow:
    return FailureRow(each.kind.value, instant(each.at), each.reason, each.limit)


def _detail(services: "Services", evidence: Evidence) -> EvidenceDetail:
    return EvidenceDetail(
        evidence.evidence_id,
        evidence.kind.value,
        _facts(evidence),
        tuple((i.role, i.sha256, count(i.rows)) for i in evidence.inputs),
        tuple(_measured(m) for m in evidence.measurements),
        evidence.payload_sha256,
        _payload(services, evidence),
    )


def _facts(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    made = evidence.producer
    libraries = ", ".join(f"{name} {version}" for name, version in made.libraries)
    parameters = json.dumps(dict(evidence.parameters), ensure_ascii=False, default=str)
    return (
        ("Version", evidence.subject.label),
        ("Run", evidence.subject.run_id),
        ("Produced", instant(evidence.produced_at)),
        ("Task", made.task_id),
        ("Code", made.code_version),
        ("Libraries", libraries or NOTHING),
        ("Seed", NOTHING if evidence.seed is None else str(evidence.seed)),
        ("Parameters", parameters),
        ("Schema", evidence.schema),
    )


def _measured(m: Measurement) -> tuple[str, str, str, str, str, str]:
    level = f", {share(m.level)}" if m.level else ""
    status = m.status.value.replace("_", " ")
    value = interval(m.value, m.lo, m.hi)
    return m.metric, segment(m.segment), value, count(m.n), f"{m.method}{level}", status


def _payload(services: "Services", evidence: Evidence) -> str:
    try:
        text = json.dumps(services.evidence.payload(evidence), indent=2, ensure_ascii=False)
    except NotFound:
        return "The archive does not hold this payload any more."
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "\n…"
