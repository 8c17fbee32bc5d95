"""The bill of the demonstration: a FOCUS file like any, of the months before, marked as a sample."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

from services.workflows.demonstration.bill import COLUMNS, bill

SAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "focus_sample.csv"


def rows(today: date) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(bill(today).decode())))


def test_its_columns_are_those_of_the_specification() -> None:
    assert SAMPLE.read_text(encoding="utf-8").splitlines()[0].split(",") == list(COLUMNS)


def test_it_is_of_the_three_months_before_and_the_same_every_time() -> None:
    found = rows(date(2027, 1, 31))
    assert [each[:7] for each in sorted({r["ChargePeriodStart"] for r in found})] == ["2026-10", "2026-11", "2026-12"]  # fmt: skip
    assert {r["ChargePeriodEnd"] for r in found if r["ChargePeriodStart"][:7] == "2026-12"} == {"2027-01-01T00:00:00Z"}  # fmt: skip
    assert bill(date(2027, 1, 1)) == bill(date(2027, 1, 31))


def test_every_row_says_that_it_is_a_sample_and_none_that_a_gpu_worked() -> None:
    found = rows(date(2026, 11, 26))
    assert all("Sample" in r["ChargeDescription"] and "no real bill" in r["ChargeDescription"] for r in found)  # fmt: skip
    assert "gpu" not in bill(date(2026, 11, 26)).decode().lower()
    month = [r for r in found if r["ChargePeriodStart"].startswith("2026-10")]
    before = sum(Decimal(r["BilledCost"]) for r in month if r["ChargeCategory"] != "Tax")
    [tax] = [Decimal(r["BilledCost"]) for r in month if r["ChargeCategory"] == "Tax"]
    assert tax == before * Decimal("0.20")


MANDATORY = {
    "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd",
    "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodEnd",
    "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
}  # fmt: skip
"""Columns of FOCUS 1.0 whose feature level is mandatory."""
NEVER_NULL = MANDATORY - {"BillingAccountName", "ChargeClass", "PricingQuantity", "PricingUnit"}
SERVICES = {
    "AI and Machine Learning", "Analytics", "Business Applications", "Compute", "Databases",
    "Developer Tools", "Identity", "Integration", "Internet of Things", "Management and Governance",
    "Media", "Migration", "Mobile", "Multicloud", "Networking", "Security", "Storage", "Web", "Other",
}  # fmt: skip
ALLOWED = {
    "ChargeCategory": {"Usage", "Purchase", "Tax", "Credit", "Adjustment"},
    "ChargeClass": {"", "Correction"},
    "ChargeFrequency": {"One-Time", "Recurring", "Usage-Based"},
    "CommitmentDiscountStatus": {"", "Used", "Unused"},
    "PricingCategory": {"", "Standard", "Dynamic", "Committed", "Other"},
    "ServiceCategory": SERVICES,
}


def test_every_cell_is_one_that_the_specification_allows() -> None:
    assert set(COLUMNS) >= MANDATORY
    for row in rows(date(2026, 11, 26)):
        assert all(row[name] for name in NEVER_NULL), row
        assert all(row[name] in values for name, values in ALLOWED.items()), row
        used, bought = row["ChargeCategory"] == "Usage", row["ChargeCategory"] == "Purchase"
        assert bool(row["ConsumedQuantity"]) == bool(row["ConsumedUnit"]) == used
        assert bool(row["PricingQuantity"]) == bool(row["PricingUnit"])
        if used or bought:
            assert row["PricingCategory"]
            assert row["SkuId"]
            assert row["SkuPriceId"]
            assert row["PricingQuantity"]
        if row["ChargeCategory"] == "Tax":
            assert not row["PricingQuantity"]
        assert row["BillingPeriodStart"] <= row["ChargePeriodStart"] < row["ChargePeriodEnd"]
        assert row["ChargePeriodEnd"] <= row["BillingPeriodEnd"]
        assert all(row[n].endswith("T00:00:00Z") for n in COLUMNS if n.endswith(("Start", "End")))
