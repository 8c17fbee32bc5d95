"""The tables of evidence; no row of them ever changes."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, json_type


class EvidenceRecord(Record, table=True):
    """One filed evidence; its payload stands in the archive."""

    __table_args__ = (sa.UniqueConstraint("task_id", "kind", "payload_sha256"),)

    evidence_id: str = Field(primary_key=True)
    kind: str
    schema_name: str
    subject_kind: str
    registry_id: str
    workspace_id: str
    name: str = Field(index=True)
    version: int
    run_id: str = Field(index=True)
    source_uri: str = Field(sa_type=sa.Text)
    alias: str | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    produced_at: datetime
    task_id: str
    code_version: str
    libraries: list[list[str]] = Field(sa_type=json_type())
    inputs: list[dict[str, Any]] = Field(sa_type=json_type())
    parameters: dict[str, Any] = Field(sa_type=json_type())
    seed: int | None = None
    payload_sha256: str
    event_seq: int = Field(sa_type=sa.BigInteger)


class MeasurementRecord(Record, table=True):
    """One number of an evidence."""

    evidence_id: str = Field(primary_key=True, foreign_key="evidence.evidence_id")
    position: int = Field(primary_key=True)
    metric: str
    segment: str = Field(sa_type=sa.Text)
    value: float | None = None
    unit: str
    n: int
    lo: float | None = None
    hi: float | None = None
    level: float | None = None
    method: str
    status: str


class EvidenceFailureRecord(Record, table=True):
    """One measurement that could not be made."""

    failure_id: str = Field(primary_key=True)
    kind: str
    registry_id: str
    workspace_id: str
    name: str = Field(index=True)
    version: int
    run_id: str = Field(index=True)
    source_uri: str = Field(sa_type=sa.Text)
    reason: str = Field(sa_type=sa.Text)
    limit_name: str
    at: datetime
    task_id: str
    event_seq: int = Field(sa_type=sa.BigInteger)
