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
