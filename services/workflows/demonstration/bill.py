"""A bill of the demonstration: a small FOCUS file made by us, and marked as a sample in every row.

Nothing of it was ever billed. It has what our own lines cannot know: storage, an account's shared
machine that belongs to no model, tax and a credit.

References
----------
FinOps Open Cost and Usage Specification 1.x, the columns of its cost and usage data.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

COLUMNS: tuple[str, ...] = (
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency",
    "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription",
    "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart", "CommitmentDiscountId",
    "CommitmentDiscountStatus", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost",
    "InvoiceIssuerName", "ListCost", "PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType",
    "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId", "SubAccountName", "Tags",
)  # fmt: skip
MONTHS = 3
ACCOUNT, NAME = "sample-account", "Sample, made up"
STORED_GB = {
    "mortgage-approval": ("lending", 4), "wage-benchmark": ("lending", 2), "tumour-triage": ("labs", 3),
    "digit-reader": ("labs", 2), "flight-delay": ("labs", 24),
}  # fmt: skip
GB_MONTH, VM_HOUR, VM_HOURS = Decimal("0.023"), Decimal("0.05"), 160
TAX, CREDIT = Decimal("0.20"), Decimal("-0.50")


def bill(today: date) -> bytes:
    """Return the bill of the three months that ended before a day; the same day gives the same bytes."""
    held = io.StringIO()
    writer = csv.DictWriter(held, COLUMNS, lineterminator="\n")
    writer.writeheader()
    start = today.replace(day=1)
    months: list[date] = []
    for _ in range(MONTHS):
        start = (start - timedelta(days=1)).replace(day=1)
        months.append(start)
    for month in reversed(months):
        writer.writerows(_month(month))
    return held.getvalue().encode()


def _month(start: date) -> Iterator[dict[str, Any]]:
    charges: list[dict[str, Any]] = []
    for model, (team, gb) in STORED_GB.items():
        tags = {"countersign.model": model, "countersign.team": team}
        charges.append(
            _used(
                "Objects", "Storage", (Decimal(gb), "GB-Months", GB_MONTH), f"bucket-{model}", tags
            )
        )
    charges.append(
        _used("VM", "Compute", (Decimal(VM_HOURS), "Hours", VM_HOUR), "vm-notebooks", {})
    )
    net = sum((Decimal(each["BilledCost"]) for each in charges), CREDIT)
    charges += [_other("Credit", CREDIT), _other("Tax", (net * TAX).quantize(Decimal("0.000001")))]
    for each in charges:
        yield {**_dates(start), **_always(), **each}


def _used(
    what: str,
    category: str,
    used: tuple[Decimal, str, Decimal],
    resource: str,
    tags: dict[str, str],
) -> dict[str, Any]:
    quantity, unit, price = used
    return {
        **_amount(quantity * price),
        "ChargeCategory": "Usage",
        "ChargeDescription": f"Sample {what}: no real bill",
        "ChargeFrequency": "Usage-Based",
        "ConsumedQuantity": quantity,
        "ConsumedUnit": unit,
        "PricingQuantity": quantity,
        "PricingUnit": unit,
        "PricingCategory": "Standard",
        "ResourceId": resource,
        "ServiceCategory": category,
        "ServiceName": f"Sample {what}",
        "SkuId": f"sample-{what.lower()}",
        "SkuPriceId": f"sample-{what.lower()}-od",
        "Tags": json.dumps(tags, sort_keys=True) if tags else "",
    }


def _other(category: str, amount: Decimal) -> dict[str, Any]:
    return {
        **_amount(amount),
        "ChargeCategory": category,
        "ChargeDescription": f"Sample {category.lower()}: no real bill",
        "ChargeFrequency": "One-Time",
        "PricingCategory": "Standard",
        "ServiceCategory": "Other",
        "ServiceName": f"Sample {category.lower()}",
    }


def _amount(amount: Decimal) -> dict[str, str]:
    text = f"{amount:f}"
    return dict.fromkeys(("BilledCost", "ContractedCost", "EffectiveCost", "ListCost"), text)


def _dates(start: date) -> dict[str, str]:
    after = (start + timedelta(days=31)).replace(day=1)
    begins, ends = (datetime(d.year, d.month, d.day, tzinfo=UTC) for d in (start, after))
    told = [begins.isoformat().replace("+00:00", "Z"), ends.isoformat().replace("+00:00", "Z")]
    names = ("BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd")
    return dict(zip(names, told * 2, strict=True))


def _always() -> dict[str, str]:
    cloud = dict.fromkeys(("InvoiceIssuerName", "ProviderName", "PublisherName"), "Sample Cloud")
    return {
        **cloud,
        "BillingAccountId": ACCOUNT,
        "BillingAccountName": NAME,
        "BillingCurrency": "USD",
        "RegionId": "eu-1",
        "RegionName": "Sample region",
        "SubAccountId": "sample-ml",
        "SubAccountName": NAME,
    }
