"""The tables of watching; operational, and made again from the log where they are lost."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, big_integer, json_type


class MonitorRecord(Record, table=True):
    """What is watched of one version."""

    monitor_id: str = Field(primary_key=True)
    registry_id: str
    workspace_id: str
    name: str = Field(index=True)
    version: int
    run_id: str
    source_uri: str = Field(sa_type=sa.Text)
    granularity: str
    task: str
    columns: list[list[str]] = Field(sa_type=json_type())
    threshold: float | None = None
    favourable: dict[str, Any] | None = Field(default=None, sa_type=json_type())
    segments: list[str] = Field(sa_type=json_type())
    reference_sha256: str
    reference_rows: int
    made_at: datetime
    ended_at: datetime | None = None
    note: str = Field(default="", sa_type=sa.Text)


class BinningRecord(Record, table=True):
    """The frozen bins of one watched column, and the reference in them."""

    monitor_id: str = Field(primary_key=True)
    feature: str = Field(primary_key=True)
    binning: bytes
    reference: bytes


class WindowProfileRecord(Record, table=True):
    """One feature in one window."""

    __table_args__ = (
        sa.UniqueConstraint("monitor_id", "feature", "segment", "granularity", "start"),
        sa.Index("ix_window_profile_window", "monitor_id", "granularity", "start"),
    )

    row_id: int | None = Field(
        default=None, sa_column=sa.Column(big_integer(), primary_key=True, autoincrement=True)
    )
    monitor_id: str
    feature: str
    segment: str
    granularity: str
    start: datetime
    n: int
    profile: bytes


class WindowMetricRecord(Record, table=True):
    """One number about one window."""

    __table_args__ = (
        sa.Index("ix_window_metric_asked", "monitor_id", "metric", "granularity", "start"),
        sa.Index("ix_window_metric_window", "monitor_id", "granularity", "start"),
    )

    row_id: int | None = Field(
        default=None, sa_column=sa.Column(big_integer(), primary_key=True, autoincrement=True)
    )
    monitor_id: str
    granularity: str
    start: datetime
    end: datetime
    metric: str
    feature: str
    segment: str
    value: float | None = None
    lo: float | None = None
    hi: float | None = None
    floor: float | None = None
    n: int
    status: str
    method: str
    coverage: float | None = None


class CallerTallyRecord(Record, table=True):
    """How many queries one caller sent in one window; the caller is a keyed digest."""

    monitor_id: str = Field(primary_key=True)
    granularity: str = Field(primary_key=True)
    start: datetime = Field(primary_key=True)
    caller_hash: str = Field(primary_key=True, max_length=64)
    queries: int


class WindowSeenRecord(Record, table=True):
    """Which rows a window was measured from."""

    __table_args__ = (
        sa.Index("ix_window_seen_counted", "monitor_id", "granularity", "rows", "labelled"),
    )

    monitor_id: str = Field(primary_key=True)
    granularity: str = Field(primary_key=True)
    start: datetime = Field(primary_key=True)
    end: datetime
    rows: int
    labelled: int
    stamp: str
    measured_at: datetime
    closed: bool
