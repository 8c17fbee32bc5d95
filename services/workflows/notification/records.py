"""The table of deliveries; operational, since what became of each is told in the trail."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, json_type


class DeliveryRecord(Record, table=True):
    """One message on its way to one channel."""

    __table_args__ = (
        sa.Index("ix_delivery_order", "channel", "dedup_key", "delivery_id"),
        sa.Index("ix_delivery_due", "state", "next_at"),
    )

    delivery_id: str = Field(primary_key=True)
    channel: str
    dedup_key: str = Field(sa_type=sa.Text)
    event: str
    message: dict[str, Any] = Field(sa_type=json_type())
    subject_kind: str
    subject_id: str = Field(index=True)
    state: str
    attempts: int = 0
    next_at: datetime | None = None
    answered_status: int | None = None
    error: str = Field(default="", sa_type=sa.Text)
    created_at: datetime
    delivered_at: datetime | None = None
