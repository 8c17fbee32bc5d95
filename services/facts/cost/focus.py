"""Rows of a FOCUS file as lines of the ledger.

References
----------
FinOps Open Cost and Usage Specification 1.0 to 1.3, the columns of its cost and usage data.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.error import InvalidInput
from services.kernel.money import Money

NEEDED = ("BilledCost", "BillingCurrency", "ChargeCategory", "ChargePeriodEnd", "ChargePeriodStart")
IDENTITY = (
    "BillingAccountId", "SubAccountId", "InvoiceId", "ChargeCategory", "ChargeClass", "ChargeFrequency", "ChargeDescription",
    "ServiceName", "ResourceId", "RegionId", "SkuId", "SkuPriceId", "PricingCategory", "PricingUnit",
    "ConsumedUnit", "CommitmentDiscountId", "CommitmentDiscountStatus", "CapacityReservationId",
    "CapacityReservationStatus", "BillingCurrency",
)  # fmt: skip
"""What, with period and tags, tells one charge from another: not amounts, which may be restated."""
USED = frozenset(
    {
        *NEEDED,
        *IDENTITY,
        "Tags",
        "EffectiveCost",
        "ConsumedQuantity",
        "PricingQuantity",
        "ServiceCategory",
    }
)
CATEGORIES = frozenset({"Usage", "Purchase", "Tax", "Credit", "Adjustment"})
MODEL, TEAM, RUN = (
    ("countersign.model", "countersign:model", "mlflow.model", "model"),
    ("countersign.team", "countersign:team", "team"),
    ("countersign.run_id", "mlflow.run_id"),
)
KIND = ("countersign.kind", "countersign:kind")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Charge:
    """One row.

    Attributes
    ----------
    billed, effective
        What the invoice says, and what it comes to with commitments spread over their use; None where
        the row does not say.
    """

    entry: Entry
    currency: str
    billed: Decimal | None
    effective: Decimal | None


def identity(row: Row) -> str:
    """Return what tells a charge from others: the same in CSV and Parquet, and in a later export.

    Raises
    ------
    InvalidInput
        When its period or its tags cannot be read.
    """
    cells = map(row.get, IDENTITY)
    told = [each if isinstance(each, str) else _text(each) for each in cells]
    told += [_instant(row, name).isoformat() for name in ("ChargePeriodStart", "ChargePeriodEnd")]
    told.append(_sorted(_text(row.get("Tags"))))
    return hashlib.blake2b("\x1f".join(told).encode(), digest_size=16).hexdigest()


def charge(row: Row, source_id: str) -> Charge:
    """Return a row as a line of the ledger.

    Raises
    ------
    InvalidInput
        Naming the column that cannot be used.

    Notes
    -----
    The amount is the effective cost, so that what a commitment covers costs the model that uses it; the
    billed cost where a provider says no other. What no tag gives to a model is nobody's, and is counted.
    """
    if row.get("ChargeCategory") not in CATEGORIES:
        raise InvalidInput(
            f"ChargeCategory is {_text(row.get('ChargeCategory'))!r}, which is none."
        )
    currency = Money.none(_text(row.get("BillingCurrency"))).currency
    billed, effective = _decimal(row, "BilledCost"), _decimal(row, "EffectiveCost")
    told = effective if effective is not None else billed
    starts_at, ends_at = _instant(row, "ChargePeriodStart"), _instant(row, "ChargePeriodEnd")
    bearer, kind = _borne(
        _text(row.get("Tags")),
        _text(row.get("SubAccountId")) or _text(row.get("BillingAccountId")),
        _text(row.get("ServiceCategory")),
        "Unused" in (row.get("CommitmentDiscountStatus"), row.get("CapacityReservationStatus")),
    )
    entry = Entry(
        source_id=source_id,
        kind=kind,
        use=_use(row),
        amount=money(told, currency) if told is not None else None,
        bearer=bearer,
        starts_at=starts_at,
        ends_at=ends_at,
        estimated=False,
    )
    return Charge(entry, currency, billed, effective)


def money(amount: Decimal, currency: str) -> Money:
    """Return an amount in whole millionths, half to even: providers bill finer than that."""
    return Money(currency, 1_000_000).times(amount)


def _use(row: Row) -> Use:
    sku = _text(row.get("SkuId")) or _text(row.get("ServiceName")) or "charge"
    for quantity, unit in (
        ("ConsumedQuantity", "ConsumedUnit"),
        ("PricingQuantity", "PricingUnit"),
    ):
        held = _decimal(row, quantity)
        if held is not None:
            return Use(sku[:120], (_text(row.get(unit)) or "unit")[:40], held)
    return Use(sku[:120], "charge", Decimal(1))


@lru_cache(maxsize=8192)
def _borne(tags: str, account: str, category: str, unused: bool) -> tuple[Bearer, CostKind]:  # noqa: FBT001
    held = _tags(tags)
    bearer = Bearer(
        model=_first(held, MODEL),
        run_id=_first(held, RUN)[:60],
        team=_first(held, TEAM)[:60],
        environment=account[:120],
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


def _decimal(row: Row, name: str) -> Decimal | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    try:
        found = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation as error:
        raise InvalidInput(f"{name} is {_text(value)!r}, which is no number.") from error
    if not found.is_finite():
        raise InvalidInput(f"{name} is not finite.")
    return found


def _instant(row: Row, name: str) -> datetime:
    value = row.get(name)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return _parsed(name, _text(value))


@lru_cache(maxsize=8192)
def _parsed(name: str, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{name} is {text!r}, which is no instant.") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _text(value: Any) -> str:
    """Return a cell as text; a map of tags as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        return json.dumps(dict(value), sort_keys=True)
    return value.isoformat() if isinstance(value, datetime) else str(value)
