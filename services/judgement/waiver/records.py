"""The tables of waivers and exemptions."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned


class WaiverRecord(Record, table=True):
    """One waiver; never changed."""

    waiver_id: str = Field(primary_key=True)
    registry_id: str
    workspace_id: str
    name: str = Field(index=True)
    version: int
    run_id: str
    source_uri: str
    alias: str
    clause_id: str
    reason_sha256: str
    approved_by: str
    from_at: datetime
    until: datetime
    event_seq: int = Field(sa_type=sa.BigInteger)


class ExemptionRecord(Versioned, table=True):
    """One exemption, from when until when."""

    exemption_id: str = Field(primary_key=True)
    model: str = Field(index=True)
    version: int
    run_id: str
    kind: str
    reason: str = Field(sa_type=sa.Text)
    reason_sha256: str
    signed_by: str
    auth_event_id: str
