"""Operational tables are those named so, and no other."""

from sqlmodel import SQLModel

import services.migrations.tables  # noqa: F401
from services.record.storage.operational import OPERATIONAL


def test_every_operational_name_is_a_table() -> None:
    assert OPERATIONAL - set(SQLModel.metadata.tables) == set()


def test_nothing_that_is_signed_or_judged_is_operational() -> None:
    judged = {
        "trail_event", "trail_head", "evidence", "measurement", "signature", "review", "promotion", "policy", "grant",
        "person", "governed_model", "card_revision", "waiver", "exemption", "alias_move",
    }  # fmt: skip
    assert OPERATIONAL & judged == set()
