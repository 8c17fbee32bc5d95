"""The table of alerts."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned, json_type

_STANDING = sa.text("valid_to IS NULL")


class AlertRecord(Versioned, table=True):
    """One alert, from when until when it stood like that.

    Attributes
    ----------
    open_key
        The name under which it is told while it is open: no two stand open under one name.
    """

    __table_args__ = (
        sa.Index(
            "uq_alert_standing",
            "alert_id",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        sa.Index(
            "uq_alert_open",
            "open_key",
            unique=True,
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    row_id: str = Field(primary_key=True)
    alert_id: str
    open_key: str | None = Field(default=None, sa_type=sa.Text)
    registry_id: str
    workspace_id: str
    name: str = Field(index=True)
    version: int
    run_id: str
    source_uri: str = Field(sa_type=sa.Text)
    monitor_id: str
    rule: str
    metric: str
    feature: str = Field(sa_type=sa.Text)
    segment: str = Field(sa_type=sa.Text)
    severity: str
    state: str = Field(index=True)
    value: float | None = None
    lo: float | None = None
    hi: float | None = None
    floor: float | None = None
    n: int
    limit_words: str
    bound: float | None = None
    window_start: datetime
    window_end: datetime
    breached_at: datetime
    raised_at: datetime = Field(index=True)
    channels: list[str] = Field(sa_type=json_type())
    runbook: str = Field(sa_type=sa.Text)
    then: str
    policy_sha256: str
    handled_by: str | None = None
    reason: str = Field(default="", sa_type=sa.Text)
    snoozed_until: datetime | None = None
    resolved_at: datetime | None = None
    how: str = ""
