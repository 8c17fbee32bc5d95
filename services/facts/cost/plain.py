"""Plain CSV, one line of the ledger a row, for costs that no other form tells."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa

from services.facts.cost import cells, reading, restating, rules
from services.facts.cost.charge import Charge, Piece
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.error import InvalidInput
from services.kernel.money import MICRO

NEEDED = ("date", "amount", "currency")
IDENTITY = (
    "date", "until", "kind", "sku", "unit", "currency", "model", "version", "run_id", "team",
    "environment", "experiment",
)  # fmt: skip
"""What tells one row from another where it has no ``id``: not the amount, which may be restated."""
COLUMNS = (*IDENTITY, "quantity", "amount", "id")
DAY = timedelta(days=1)


class Row(NamedTuple):
    """One row, in the order of :data:`COLUMNS`."""

    date: str
    until: str
    kind: str
    sku: str
    unit: str
    currency: str
    model: str
    version: str
    run_id: str
    team: str
    environment: str
    experiment: str
    quantity: Any
    amount: Any
    id: str


def pieces(name: str, file: BinaryIO) -> Iterator[Piece]:
    """Yield the lines of a file, a piece at a time; see ``docs/cost.md`` for its columns.

    Raises
    ------
    InvalidInput
        As :func:`services.facts.cost.reading.batches`.
    """
    seen: Counter[str] = Counter()
    for batch in reading.batches(name, file, reading.Layout("plain cost", NEEDED, COLUMNS)):
        yield piece(batch, seen)


def piece(batch: pa.RecordBatch, seen: Counter[str]) -> Piece:
    """Return rows as charges; ``seen`` counts rows that say the same over the pieces of a file."""
    numbers = ("quantity", "amount")
    held = [
        (cells.values if name in numbers else cells.texts)(batch, name) for name in COLUMNS
    ]  # fmt: skip
    charges: list[Charge] = []
    refused: list[tuple[int, str]] = []
    for number, values in enumerate(zip(*held, strict=True)):
        try:
            row = Row._make(values)
            charges.append(charge(row, _source(row, seen)))
        except InvalidInput as error:
            refused.append((number, error.message))
    return Piece.of(batch.num_rows, charges, refused)


def charge(row: Row, source_id: str) -> Charge:
    """Return a row as a line of the ledger; without an amount it is unpriced.

    Raises
    ------
    InvalidInput
        Naming the column that cannot be used.
    """
    currency = cells.currency(row.currency)
    amount = cells.decimal("amount", row.amount)
    quantity = cells.quantity("quantity", row.quantity)
    starts_at, ends_at = _period(row.date, row.until)
    entry = Entry(
        source_id=source_id,
        kind=_kind(row.kind),
        use=Use(
            row.sku or "charge",
            row.unit or "charge",
            Decimal(1) if quantity is None else Decimal(quantity) / MICRO,
        ),
        amount=cells.money(amount, currency) if amount is not None else None,
        bearer=_bearer(row),
        starts_at=starts_at,
        ends_at=ends_at,
        estimated=False,
    )
    return Charge(rules.checked_one(entry), currency, amount, None)


def _source(row: Row, seen: Counter[str]) -> str:
    """Return what makes a row the same row in a later file: its id, else all but its figures."""
    if row.id:
        source = f"csv:{restating.named(row.id)}"
        seen[source] += 1
        if seen[source] > 1:
            raise InvalidInput(
                f"id is {row.id!r}, which stands in this file before; write another."
            )
        return source
    told = "\x1f".join(row[: len(IDENTITY)])
    digest = hashlib.blake2b(told.encode(), digest_size=16).hexdigest()
    seen[digest] += 1
    return f"csv:{digest}:{seen[digest]}"


@lru_cache(maxsize=8192)
def _period(date: str, until: str) -> tuple[datetime, datetime]:
    """Return from when to when: a date alone is that day."""
    start = cells.instant("date", date)
    end = cells.instant("until", until) if until else start + DAY
    if end <= start:
        raise InvalidInput(f"until is {until!r}, which is not after {date!r}.")
    return start, end


def _kind(told: str) -> CostKind:
    if told and told not in {each.value for each in CostKind}:
        known = ", ".join(each.value for each in CostKind)
        raise InvalidInput(f"kind is {told!r}; write one of {known}.")
    return CostKind(told) if told else CostKind.OTHER


def _bearer(row: Row) -> Bearer:
    if row.version and not (row.version.isascii() and row.version.isdecimal()):
        raise InvalidInput(f"version is {row.version!r}; write its number, or nothing.")
    return Bearer(
        model=row.model,
        version=int(row.version) if row.version else None,
        run_id=row.run_id,
        team=row.team,
        environment=row.environment,
        experiment=row.experiment,
    )
