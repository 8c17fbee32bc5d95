"""Evidence of a version, down to the payload, and what failed to be measured."""

from dataclasses import dataclass


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
