"""The table of how busy runs were: read anew whenever a run goes on."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, json_type


class RunUseRecord(Record, table=True):
    """How busy the hardware of one run was, as it was seen last.

    Attributes
    ----------
    settled
        Whether it is over and was looked at after its last samples could arrive.
    """

    __table_args__ = (
        sa.Index("ix_run_use_until", "until"),
        sa.Index("ix_run_use_model", "model", "until"),
    )

    run_id: str = Field(primary_key=True, max_length=60)
    model: str = Field(default="")
    experiment_id: str = Field(default="", max_length=60)
    name: str = Field(default="", sa_type=sa.Text)
    status: str = Field(max_length=20)
    ticket_id: str = Field(default="", max_length=36)
    gpu_type: str = Field(default="", max_length=120)
    started_at: datetime
    ended_at: datetime | None = None
    until: datetime
    source: str = Field(max_length=20)
    declared_gpus: int | None = None
    gpus: int | None = None
    gpu_hours: float | None = None
    known_hours: float = 0.0
    idle_hours: float | None = None
    numbers: dict[str, Any] = Field(sa_type=json_type())
    findings: list[str] = Field(sa_type=json_type())
    smaller: list[str] = Field(sa_type=json_type())
    settled: bool = False
    seen_at: datetime
