"""The table of policies."""

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Versioned


class PolicyRecord(Versioned, table=True):
    """One published policy, as it was written."""

    sha256: str = Field(primary_key=True)
    policy_id: str = Field(index=True)
    version: int
    text: str = Field(sa_type=sa.Text)
    published_by: str
