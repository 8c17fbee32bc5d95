"""The nouns of evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

from services.kernel.identity import ModelRef
from services.kernel.period import Period


class EvidenceKind(StrEnum):
    """What was measured."""

    PERFORMANCE = "performance"
    FAIRNESS = "fairness"
    EXPLANATION = "explanation"
    ROBUSTNESS = "robustness"
    DRIFT = "drift"
    DATA_QUALITY = "data_quality"
    SERVICE_LEVEL = "service_level"
    KPI = "kpi"
    COST = "cost"
    TRAINING_COST = "training_cost"
    LINEAGE = "lineage"
    REPRODUCIBILITY = "reproducibility"
    SUPPLY_CHAIN = "supply_chain"
    TRAINING_REPORT = "training_report"
    LEAKAGE = "leakage"
    CARD = "card"
    CI = "ci"


class MeasurementStatus(StrEnum):
    """Whether a number may be read."""

    OK = "ok"
    TOO_FEW = "too_few"
    NOT_ESTIMABLE = "not_estimable"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number.

    Attributes
    ----------
    segment
        Empty, or ``race=Black&sex=F``: sorted and percent-encoded.
    value, lo, hi
        None where there is nothing to read; the interval is two-sided.
    level
        Of the interval, in (0, 1).
    """

    metric: str
    segment: str
    value: float | None
    unit: str
    n: int
    lo: float | None = None
    hi: float | None = None
    level: float | None = None
    method: str = ""
    status: MeasurementStatus = MeasurementStatus.OK


@dataclass(frozen=True, slots=True)
class EvidenceInput:
    """What went in: its role, its digest and its rows."""

    role: str
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Producer:
    """What made it: the task, the code and the libraries."""

    task_id: str
    code_version: str
    libraries: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Reading:
    """What an instrument returns, before it is filed.

    Attributes
    ----------
    payload
        JSON with the raw counts; no times, ids, durations or host names.
    alias, period
        Of a reading of production: where the version served, and when.
    """

    kind: EvidenceKind
    schema: str
    payload: Mapping[str, Any]
    measurements: tuple[Measurement, ...]
    inputs: tuple[EvidenceInput, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    seed: int | None = None
    alias: str | None = None
    period: Period | None = None


@dataclass(frozen=True)
class Evidence:
    """A filed measurement; it never changes."""

    evidence_id: str
    kind: EvidenceKind
    schema: str
    subject_kind: str
    subject: ModelRef
    alias: str | None
    period_start: datetime | None
    period_end: datetime | None
    produced_at: datetime
    producer: Producer
    inputs: tuple[EvidenceInput, ...]
    parameters: Mapping[str, Any]
    seed: int | None
    payload_sha256: str
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class EvidenceFailure:
    """A measurement that could not be made, and what stopped it."""

    failure_id: str
    kind: EvidenceKind
    subject: ModelRef
    reason: str
    limit: str
    at: datetime
    task_id: str


def segment(**attributes: str) -> str:
    """Return the name of a segment: ``race=Black&sex=F``, sorted and percent-encoded."""
    return "&".join(
        f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(attributes.items())
    )


def parse_segment(text: str) -> dict[str, str]:
    """Return the attributes of a segment."""
    pairs = (part.partition("=") for part in text.split("&") if part)
    return {unquote(key): unquote(value) for key, _, value in pairs}
