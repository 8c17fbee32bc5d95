"""A bill is imported and a budget set; page, paper, command line and a direct query say one total."""

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from services.kernel.clock import SystemClock
from tests.e2e.conftest import People
from tests.support.workspace import Workspace

pytestmark = [pytest.mark.xdist_group("journey"), pytest.mark.timeout(900)]

NEEDED = (
    "BilledCost", "EffectiveCost", "BillingCurrency", "ChargeCategory", "ChargePeriodStart",
    "ChargePeriodEnd", "ConsumedQuantity", "ConsumedUnit", "ResourceId", "ServiceCategory",
    "ServiceName", "SkuId", "SubAccountId", "Tags", "ProviderName", "BillingAccountId",
)  # fmt: skip
"""A currency of its own, so that nothing else that the console works out meanwhile is in the sums."""
CURRENCY, MODEL, TOTAL = "CHF", "mortgage-approval", 1_234_500_000


def bill(path: Path) -> None:
    """Write a bill of two rows for the model and one for nobody, from today."""
    day = SystemClock().now().strftime("%Y-%m-%dT00:00:00Z")
    rows = [("1000.000001", MODEL), ("200.499999", MODEL), ("34.00", "")]
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file)
        sheet.writerow(NEEDED)
        for number, (amount, model) in enumerate(rows):
            tags = {"countersign.model": model, "countersign.kind": "training"} if model else {}
            sheet.writerow([
                amount, amount, CURRENCY, "Usage", day, day.replace("T00", "T01"), "2", "Hours",
                f"vm-{number}", "Compute", "Sample", "sample", "e2e", json.dumps(tags), "Sample Cloud", "e2e",
            ])  # fmt: skip


def test_page_paper_command_line_and_a_direct_query_say_one_total(
    people: People, console: Workspace, tmp_path: Path
) -> None:
    bill(tmp_path / "bill.csv")
    told = console.command("cost", "import", "focus", str(tmp_path / "bill.csv"), "--json")
    assert told.returncode == 0, told.stdout + told.stderr
    assert json.loads(told.stdout)["files"][0]["new"] == 3
    month = SystemClock().now().strftime("%Y-%m")
    made = console.command(
        "budget", "set", "model", MODEL, "--amount", "2000", "--currency", CURRENCY,
        "--owner", "otis@demo.example", "--json",
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    page = people.open("olga", f"/cost?currency={CURRENCY}")
    expect(page.get_by_text("1,234.50 CHF").first).to_be_visible()
    expect(page.get_by_text(f"Model {MODEL}")).to_be_visible()
    expect(page.get_by_text("60 %", exact=True).first).to_be_visible()  # 1200.50 of 2000
    with page.expect_download() as coming:
        page.get_by_role("button", name="as CSV").click()
    coming.value.save_as(tmp_path / "chargeback.csv")
    with (tmp_path / "chargeback.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["currency"] == CURRENCY]
    assert sum(int(row["amount_micros"]) for row in rows) == TOTAL
    answer = json.loads(console.command("cost", "total", "--period", month, "--json").stdout)
    assert [t["amount"] for t in answer["totals"] if t["currency"] == CURRENCY] == ["1234.50"]
    with closing(sqlite3.connect(console.home / "governance.sqlite")) as database:
        asked = "SELECT sum(micros) FROM cost_entry WHERE currency = ? AND starts_at >= ?"
        direct = database.execute(asked, (CURRENCY, f"{month}-01")).fetchone()
    assert direct == (TOTAL,)
    page = people.open("olga", f"/model?name={MODEL}&tab=Cost&currency={CURRENCY}")
    expect(page.get_by_text("1,200.50 CHF").first).to_be_visible()
    expect(page.get_by_text("billed").first).to_be_visible()
