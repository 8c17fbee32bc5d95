"""Rows of a FOCUS file as lines of the ledger.

References
----------
FinOps Open Cost and Usage Specification 1.0 to 1.3, the columns of its cost and usage data.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa

from services.facts.cost import cells, reading, rules
from services.facts.cost.batch import Batch
from services.facts.cost.charge import Piece
from services.facts.cost.types import Bearer, CostKind
from services.kernel.error import InvalidInput
from services.kernel.money import MICRO

NEEDED = ("BilledCost", "BillingCurrency", "ChargeCategory", "ChargePeriodEnd", "ChargePeriodStart")
IDENTITY = (
    "BillingAccountId", "SubAccountId", "InvoiceId", "ChargeCategory", "ChargeClass", "ChargeFrequency", "ChargeDescription",
    "ServiceName", "ResourceId", "RegionId", "SkuId", "SkuPriceId", "PricingCategory", "PricingUnit",
    "ConsumedUnit", "CommitmentDiscountId", "CommitmentDiscountStatus", "CapacityReservationId",
    "CapacityReservationStatus", "BillingCurrency",
)  # fmt: skip
"""What, with period and tags, tells one charge from another: not amounts, which may be restated."""
CATEGORIES = frozenset({"Usage", "Purchase", "Tax", "Credit", "Adjustment"})
MODEL, TEAM, RUN = (
    ("countersign.model", "countersign:model", "mlflow.model", "model"),
    ("countersign.team", "countersign:team", "team"),
    ("countersign.run_id", "mlflow.run_id"),
)
KIND = ("countersign.kind", "countersign:kind")


class Row(NamedTuple):
    """What becomes of a row, in texts; amounts and quantities as they stand."""

    category: str
    currency: str
    starts: str
    ends: str
    tags: str
    account: str
    sub_account: str
    service: str
    product: str
    discount: str
    reservation: str
    sku: str
    consumed_unit: str
    pricing_unit: str
    billed: Any
    effective: Any
    consumed: Any
    pricing: Any


TEXTS = (
    "ChargeCategory", "BillingCurrency", "ChargePeriodStart", "ChargePeriodEnd", "Tags",
    "BillingAccountId", "SubAccountId", "ServiceCategory", "ServiceName", "CommitmentDiscountStatus",
    "CapacityReservationStatus", "SkuId", "ConsumedUnit", "PricingUnit",
)  # fmt: skip
NUMBERS = ("BilledCost", "EffectiveCost", "ConsumedQuantity", "PricingQuantity")
USED = frozenset({*NEEDED, *IDENTITY, *TEXTS, *NUMBERS})
PART = 2_000
"""So many rows are looked at at once, so that few of them wait in memory."""
TOLD = ("told_in", "billed", "effective")
CHARGED = (
    "source_id", "sku", "unit", "quantity_micros", "micros", "starts_at", "ends_at", "kind", "model",
    "run_id", "team", "environment", *TOLD,
)  # fmt: skip
"""What is made of a row: columns of a line, and what the file comes to."""


def pieces(name: str, file: BinaryIO) -> Iterator[Piece]:
    """Yield the charges of a FOCUS file, CSV or Parquet, a piece at a time.

    Raises
    ------
    InvalidInput
        As :func:`services.facts.cost.reading.batches`.

    Notes
    -----
    A charge that stands in the same file twice is two charges.
    """
    seen: Counter[bytes] = Counter()
    for batch in reading.batches(name, file, reading.Layout("FOCUS", NEEDED, USED)):
        yield piece(batch, seen)


def piece(batch: pa.RecordBatch, seen: Counter[bytes]) -> Piece:
    """Return rows as charges; ``seen`` counts each identity over the pieces of a file."""
    columns: dict[str, list[Any]] = {name: [] for name in CHARGED}
    refused: list[tuple[int, str]] = []
    for start in range(0, batch.num_rows, PART):
        charges = _charges(batch.slice(start, PART), start, seen, refused)
        for column, values in zip(columns.values(), zip(*charges, strict=True), strict=False):
            column.extend(values)
    currencies, billed, effective = (columns.pop(name) for name in TOLD)
    amounts = columns["micros"]
    priced = [c if m is not None else None for c, m in zip(currencies, amounts, strict=True)]
    columns |= {"currency": priced, "estimated": [False] * len(amounts)}
    lines = Batch.filled(len(amounts), columns)
    return Piece(batch.num_rows, lines, currencies, billed, effective, refused)


def _charges(
    batch: pa.RecordBatch, start: int, seen: Counter[bytes], refused: list[tuple[int, str]]
) -> list[tuple[Any, ...]]:
    """Return some rows by :data:`CHARGED`; those that cannot be used go to ``refused``."""
    held = [cells.texts(batch, name) for name in TEXTS]
    held += [cells.values(batch, name) for name in NUMBERS]
    rows = map(Row._make, zip(*held, strict=True))
    charges: list[tuple[Any, ...]] = []
    for number, (told, row) in enumerate(zip(cells.joined(batch, IDENTITY), rows, strict=True)):
        try:
            digest = identity(told, row)
            seen[digest] += 1
            charges.append((f"focus:{digest.hex()}:{seen[digest]}", *charge(row)))
        except InvalidInput as error:
            refused.append((start + number, error.message))
    return charges


def identity(told: str, row: Row) -> bytes:
    """Return what tells a charge from others: the same in CSV and Parquet, and in a later export.

    Parameters
    ----------
    told
        The cells of :data:`IDENTITY`, joined.

    Raises
    ------
    InvalidInput
        When its period or its tags cannot be read.
    """
    _, _, period = _period(row.starts, row.ends)
    whole = f"{told}{cells.BETWEEN}{period}{cells.BETWEEN}{_sorted(row.tags)}"
    return hashlib.blake2b(whole.encode(), digest_size=16).digest()


def charge(row: Row) -> tuple[Any, ...]:
    """Return a row as a line of the ledger has it, by :data:`CHARGED` but for the source.

    Raises
    ------
    InvalidInput
        Naming the column that cannot be used.

    Notes
    -----
    The amount is the effective cost, so that what a commitment covers costs the model that uses it; the
    billed cost where a provider says no other. What no tag gives to a model is nobody's, and is counted.
    """
    if row.category not in CATEGORIES:
        raise InvalidInput(f"ChargeCategory is {row.category!r}, which is none.")
    currency = cells.currency(row.currency)
    billed = cells.decimal("BilledCost", row.billed)
    effective = cells.decimal("EffectiveCost", row.effective)
    told = effective if effective is not None else billed
    starts_at, ends_at, _ = _period(row.starts, row.ends)
    if ends_at < starts_at:
        raise InvalidInput("ChargePeriodEnd is before ChargePeriodStart; is a clock wrong?")
    unused = "Unused" in (row.discount, row.reservation)
    bearer, kind = _borne(row.tags, row.sub_account or row.account, row.service, unused)
    micros = cells.millionths(told, currency) if told is not None else None
    return (
        *_use(row), micros, starts_at, ends_at, kind.value, bearer.model, bearer.run_id, bearer.team,
        bearer.environment, currency, billed, effective,
    )  # fmt: skip


@lru_cache(maxsize=8192)
def _period(starts: str, ends: str) -> tuple[datetime, datetime, str]:
    """Return a period, and how it stands in an identity."""
    found = cells.instant("ChargePeriodStart", starts), cells.instant("ChargePeriodEnd", ends)
    return *found, cells.BETWEEN.join(each.isoformat() for each in found)


def _use(row: Row) -> tuple[str, str, int]:
    held = cells.quantity("ConsumedQuantity", row.consumed)
    if held is not None:
        return *_sold(row.sku, row.product, row.consumed_unit or "unit"), held
    held = cells.quantity("PricingQuantity", row.pricing)
    if held is not None:
        return *_sold(row.sku, row.product, row.pricing_unit or "unit"), held
    return *_sold(row.sku, row.product, "charge"), MICRO


@lru_cache(maxsize=8192)
def _sold(sku: str, product: str, unit: str) -> tuple[str, str]:
    return rules.sold((sku or product or "charge")[:120], unit[:40])


@lru_cache(maxsize=8192)
def _borne(tags: str, account: str, category: str, unused: bool) -> tuple[Bearer, CostKind]:  # noqa: FBT001
    held = _tags(tags)
    bearer = rules.bearer(
        Bearer(
            model=_first(held, MODEL),
            run_id=_first(held, RUN)[:60],
            team=_first(held, TEAM)[:60],
            environment=account[:120],
        )
    )
    said = _first(held, KIND)
    if said in {each.value for each in CostKind}:
        return bearer, CostKind(said)
    if unused:
        return bearer, CostKind.IDLE
    return bearer, CostKind.STORAGE if category == "Storage" else CostKind.OTHER


def _tags(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        held = json.loads(text)
    except ValueError as error:
        raise InvalidInput("Tags is not JSON.") from error
    if not isinstance(held, dict):
        raise InvalidInput("Tags is no JSON object.")
    return {str(key).casefold(): str(value) for key, value in held.items() if value is not None}


@lru_cache(maxsize=8192)
def _sorted(text: str) -> str:
    return json.dumps(_tags(text), sort_keys=True)


def _first(tags: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((tags[name] for name in names if name in tags), "")
