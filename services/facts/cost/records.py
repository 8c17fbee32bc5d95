"""The tables of the cost ledger: lines, of which none ever changes, and what each day comes to."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from services.record.storage.base import Record, Versioned, json_type


def _where_said(column: str, *more: str) -> sa.Index:
    """Return an index over the few lines that say something in a column."""
    said, name = sa.text(f"{column} != ''"), f"ix_cost_entry_{column}"
    return sa.Index(name, column, *more, sqlite_where=said, postgresql_where=said)


_MONTH_SUMS = (
    "month", "kind", "currency", "team", "units", "micros", "estimated_units", "estimated", "lines",
    "unpriced",
)  # fmt: skip
"""All that is added up where nobody asks for a model: read from the index alone, in its order."""


class CostEntryRecord(Record, table=True):
    """One line: a quantity, and what it cost where that is known."""

    __table_args__ = (
        sa.Index("ix_cost_entry_model", "model", "starts_at"),
        _where_said("ticket_id"),
        _where_said("run_id"),
        sa.Index("ix_cost_entry_starts", "starts_at"),
        _where_said("corrects"),
        _where_said("price_id", "starts_at"),
        _where_said("experiment"),
    )

    source_id: str = Field(primary_key=True, max_length=200)
    kind: str = Field(max_length=10)
    sku: str = Field(max_length=120)
    unit: str = Field(max_length=40)
    quantity_micros: int = Field(sa_type=sa.BigInteger)
    currency: str | None = Field(default=None, max_length=3)
    micros: int | None = Field(default=None, sa_type=sa.BigInteger)
    model: str = Field(default="")
    version: int | None = None
    run_id: str = Field(default="", max_length=60)
    team: str = Field(default="", max_length=60)
    ticket_id: str = Field(default="", max_length=36)
    environment: str = Field(default="", max_length=120)
    experiment: str = Field(default="", sa_column_kwargs={"server_default": ""})
    starts_at: datetime
    ends_at: datetime
    price_id: str = Field(default="", max_length=36)
    estimated: bool
    corrects: str = Field(default="", max_length=200)
    kwh_micros: int | None = Field(default=None, sa_type=sa.BigInteger)
    kwh_source: str = Field(default="", max_length=120, sa_column_kwargs={"server_default": ""})
    kg_micros: int | None = Field(default=None, sa_type=sa.BigInteger)
    grid_id: str = Field(default="", max_length=36, sa_column_kwargs={"server_default": ""})
    requests: int | None = Field(default=None, sa_type=sa.BigInteger)
    method: str = Field(default="", max_length=20, sa_column_kwargs={"server_default": ""})
    added_at: datetime
    event_seq: int = Field(sa_type=sa.BigInteger)


class CostDayRecord(Record, table=True):
    """What the lines of one day come to by model, team, kind and currency; added to with every line.

    Attributes
    ----------
    currency
        Empty for lines without a price.
    unpriced
        Lines without a price that nobody corrected since.
    """

    day: date = Field(primary_key=True)
    model: str = Field(primary_key=True)
    team: str = Field(primary_key=True, max_length=60)
    kind: str = Field(primary_key=True, max_length=10)
    currency: str = Field(primary_key=True, max_length=3)
    micros: int = Field(sa_type=sa.BigInteger)
    lines: int = Field(sa_type=sa.BigInteger)
    unpriced: int = Field(sa_type=sa.BigInteger)


class CostTeamDayRecord(Record, table=True):
    """What the lines of one day come to by team, kind and currency, whoever bears them.

    A thousand models are a thousand rows of a day; whoever sees all of them reads these few.

    Attributes
    ----------
    units, micros
        Whole units of the currency, and millionths besides.
    """

    day: date = Field(primary_key=True)
    team: str = Field(primary_key=True, max_length=60)
    kind: str = Field(primary_key=True, max_length=10)
    currency: str = Field(primary_key=True, max_length=3)
    units: int = Field(sa_type=sa.BigInteger)
    micros: int = Field(sa_type=sa.BigInteger)
    lines: int = Field(sa_type=sa.BigInteger)
    unpriced: int = Field(sa_type=sa.BigInteger)


class CostMonthRecord(Record, table=True):
    """What the days of one month come to; kept with them, so that a year is read in few rows.

    Attributes
    ----------
    month
        Its first day.
    units, micros
        Whole units of the currency, and millionths besides: a month outgrows 64 bits of millionths.
    estimated_units, estimated
        Of these, what was worked out rather than billed or measured.
    """

    __table_args__ = (sa.Index("ix_cost_month_sums", *_MONTH_SUMS),)

    month: date = Field(primary_key=True)
    model: str = Field(primary_key=True)
    team: str = Field(primary_key=True, max_length=60)
    kind: str = Field(primary_key=True, max_length=10)
    currency: str = Field(primary_key=True, max_length=3)
    units: int = Field(sa_type=sa.BigInteger)
    micros: int = Field(sa_type=sa.BigInteger)
    estimated_units: int = Field(sa_type=sa.BigInteger)
    estimated: int = Field(sa_type=sa.BigInteger)
    lines: int = Field(sa_type=sa.BigInteger)
    unpriced: int = Field(sa_type=sa.BigInteger)


class CostQuantityRecord(Record, table=True):
    """What the lines of one day come to in units by model, team, kind and how it is known.

    Attributes
    ----------
    whole, rest
        The quantity is ``whole + rest / 1e6``: so no sum runs out of 64 bits.
    """

    day: date = Field(primary_key=True)
    model: str = Field(primary_key=True)
    team: str = Field(primary_key=True, max_length=60)
    kind: str = Field(primary_key=True, max_length=10)
    unit: str = Field(primary_key=True, max_length=40)
    sku: str = Field(primary_key=True, max_length=120)
    method: str = Field(primary_key=True, max_length=20)
    whole: int = Field(sa_type=sa.BigInteger)
    rest: int = Field(sa_type=sa.BigInteger)


class CostImportRecord(Record, table=True):
    """One file of costs that was imported, and what its provider says it comes to."""

    sha256: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=300)
    form: str = Field(max_length=20)
    rows: int = Field(sa_type=sa.BigInteger)
    new: int = Field(sa_type=sa.BigInteger)
    unallocated: int = Field(sa_type=sa.BigInteger)
    billed: dict[str, str] = Field(sa_type=json_type())
    effective: dict[str, str] = Field(sa_type=json_type())
    imported_by: str = Field(max_length=60)
    at: datetime
    event_seq: int = Field(sa_type=sa.BigInteger)


class CostBillRecord(Record, table=True):
    """One import of a file of costs: what it came to, and which rows were refused; it never changes."""

    bill_id: str = Field(primary_key=True, max_length=36)
    sha256: str = Field(index=True, max_length=64)
    name: str = Field(max_length=300)
    form: str = Field(max_length=20)
    rows: int = Field(sa_type=sa.BigInteger)
    new: int = Field(sa_type=sa.BigInteger)
    known: int = Field(sa_type=sa.BigInteger)
    refused: int = Field(sa_type=sa.BigInteger)
    restated: int = Field(sa_type=sa.BigInteger)
    corrected: dict[str, str] = Field(sa_type=json_type())
    unallocated: int = Field(sa_type=sa.BigInteger)
    billed: dict[str, str] = Field(sa_type=json_type())
    effective: dict[str, str] = Field(sa_type=json_type())
    refusals: list[list[Any]] = Field(sa_type=json_type())
    environments: list[str] = Field(sa_type=json_type())
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    imported_by: str = Field(max_length=60)
    at: datetime = Field(index=True)
    event_seq: int = Field(sa_type=sa.BigInteger)


class CostCoverRecord(Versioned, table=True):
    """Which environments of ours a billed one pays for; a new version replaces the whole list."""

    row_id: str = Field(primary_key=True, max_length=36)
    environment: str = Field(index=True, max_length=120)
    covers: list[str] = Field(sa_type=json_type())
    declared_by: str = Field(max_length=60)


class CostReconciledRecord(Record, table=True):
    """How a bill of one environment and month stood against our own lines when they were compared."""

    __table_args__ = (sa.Index("ix_cost_reconciled_month", "month", "environment"),)

    reconciled_id: str = Field(primary_key=True, max_length=36)
    environment: str = Field(max_length=120)
    month: date
    currency: str = Field(max_length=3)
    covers: list[str] = Field(sa_type=json_type())
    billed: int = Field(sa_type=sa.BigInteger)
    estimated: int = Field(sa_type=sa.BigInteger)
    tagged: int = Field(sa_type=sa.BigInteger)
    explained: int = Field(sa_type=sa.BigInteger)
    taken_back: int = Field(sa_type=sa.BigInteger)
    lowered: int = Field(sa_type=sa.BigInteger)
    lines: int = Field(sa_type=sa.BigInteger)
    bill_lines: int = Field(sa_type=sa.BigInteger)
    reconciled_by: str = Field(max_length=60)
    at: datetime
    event_seq: int = Field(sa_type=sa.BigInteger)


class CostEnvironmentRecord(Record, table=True):
    """What the lines of a month come to by where it ran; added to with every line.

    Attributes
    ----------
    units, micros
        Whole units of the currency, and millionths besides.
    """

    month: date = Field(primary_key=True)
    environment: str = Field(primary_key=True, max_length=120)
    currency: str = Field(primary_key=True, max_length=3)
    estimated: bool = Field(primary_key=True)
    units: int = Field(sa_type=sa.BigInteger)
    micros: int = Field(sa_type=sa.BigInteger)
    lines: int = Field(sa_type=sa.BigInteger)
