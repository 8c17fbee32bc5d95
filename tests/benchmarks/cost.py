"""The cost ledger at five million lines of a thousand models: the page, a large bill, and pandas beside it."""

import csv
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from services.bootstrap.services import open_services
from services.facts.cost import spending
from services.kernel.identity import SYSTEM, Role
from services.migrations.run import upgrade
from services.settings import read_settings
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.visitor import Visitor, percentile, serving

LINES = int(os.environ.get("COUNTERSIGN_TEST_COST_LINES", "5000000"))
ROWS = int(os.environ.get("COUNTERSIGN_TEST_COST_ROWS", "1000000"))
MODELS, DAYS = 1_000, 365
PASSWORD = "correct horse battery staple"
RUNS = 10
FAST = ("synchronous = OFF", "cache_size = -500000", "temp_store = MEMORY")
"""How the house is filled; what is measured opens the same file as every process does."""
HOUSE = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :lines - 1)
INSERT INTO cost_entry (
  source_id, kind, sku, unit, quantity_micros, currency, micros, model, version, run_id, team, ticket_id,
  environment, starts_at, ends_at, price_id, estimated, corrects, added_at, event_seq)
SELECT 'bench:' || i, CASE (i / :models) % 4 WHEN 0 THEN 'training' WHEN 1 THEN 'search' WHEN 2 THEN 'serving' ELSE 'storage' END,
  'cpu', 'cpu-hour', 1000000, 'USD', (i * 7919) % 1000003 * 13 + 1, printf('model-%04d', i % :models), 1, '',
  'team-' || (i % :models % 20), '', 'engine',
  date(:first, '+' || (i / :models % :days) || ' days') || ' 09:00:00.000000',
  date(:first, '+' || (i / :models % :days) || ' days') || ' 10:00:00.000000', '', (i / :models) % 4 < 2, '',
  '2026-01-01 00:00:00.000000', 1
FROM n"""
KEPT = (
    """INSERT INTO cost_day (day, model, team, kind, currency, micros, lines, unpriced)
    SELECT date(starts_at), model, team, kind, currency, sum(micros), count(*), 0
    FROM cost_entry GROUP BY 1, 2, 3, 4, 5""",
    """INSERT INTO cost_team_day (day, team, kind, currency, units, micros, lines, unpriced)
    SELECT day, team, kind, currency, sum(micros / 1000000), sum(micros % 1000000), sum(lines), sum(unpriced)
    FROM cost_day GROUP BY 1, 2, 3, 4""",
    """INSERT INTO cost_quantity (day, model, team, kind, unit, sku, method, whole, rest)
    SELECT date(starts_at), model, team, kind, unit, sku, method, sum(quantity_micros) / 1000000, 0
    FROM cost_entry GROUP BY 1, 2, 3, 4, 5, 6, 7""",
    """INSERT INTO cost_month (month, model, team, kind, currency, units, micros, estimated_units, estimated, lines, unpriced)
    SELECT date(day, 'start of month'), model, team, kind, currency, 0, sum(micros), 0,
      CASE WHEN kind IN ('training', 'search') THEN sum(micros) ELSE 0 END, sum(lines), 0
    FROM cost_day GROUP BY 1, 2, 3, 4, 5""",
)
"""What is kept with the lines when they are added one batch after the other, worked out at once."""
TAKE = """
import json, resource, sys, time
from services.bootstrap.services import open_services
from services.kernel.identity import SYSTEM
from services.settings import read_settings
services = open_services(read_settings({"COUNTERSIGN_HOME": sys.argv[1]}))
before, began = time.process_time(), time.perf_counter()
told = services.cost_imports.focus(SYSTEM, sys.argv[2])
took, used = time.perf_counter() - began, time.process_time() - before
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([told.new, str(told.effective["USD"]), took, used, peak]))
"""
COLUMNS = (
    "BilledCost", "EffectiveCost", "BillingCurrency", "BillingAccountId", "SubAccountId", "ChargeCategory",
    "ChargeFrequency", "ChargeDescription", "ChargePeriodStart", "ChargePeriodEnd", "ConsumedQuantity",
    "ConsumedUnit", "PricingQuantity", "PricingUnit", "ProviderName", "RegionId", "ResourceId",
    "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "Tags",
)  # fmt: skip


class Watch:
    """Medians of seconds, and of the processor's."""

    def __init__(self) -> None:
        self._told: list[tuple[float, float]] = []

    def __enter__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def __exit__(self, *_: object) -> None:
        wall, used = self._began
        self._told.append((time.perf_counter() - wall, time.process_time() - used))

    @property
    def wall(self) -> float:
        """Return the median of the clock."""
        return statistics.median(wall for wall, _ in self._told)

    @property
    def used(self) -> float:
        """Return the median of the processor."""
        return statistics.median(used for _, used in self._told)


def fill(folder: Path, first: date) -> str:
    """Make a workspace with a ledger; return the cookie of somebody who sees all of it."""
    settings = read_settings({"COUNTERSIGN_HOME": str(folder)})
    upgrade(settings.database)
    services = open_services(settings)
    olga = services.accounts.create(SYSTEM, "olga@test.example", "Olga Marsh")
    for role in (Role.OWNER, Role.OPERATOR):
        services.accounts.grant(SYSTEM, olga.person_id, role)
    services.prices.publish_sample()
    cookie = services.sessions.choose_password(
        services.accounts.link(SYSTEM, olga.person_id), PASSWORD
    )
    with sqlite3.connect(folder / "governance.sqlite") as database:
        for pragma in FAST:
            database.execute(f"PRAGMA {pragma}")
        given = {"lines": LINES, "models": MODELS, "days": DAYS, "first": first.isoformat()}
        database.execute(HOUSE, given)
        for statement in KEPT:
            database.execute(statement)
        database.execute("ANALYZE")
    database.close()
    return cookie


def painted(folder: Path, cookie: str) -> tuple[float, float, float]:
    """Return seconds of the first run of the page's script in a new process, its processor's, and of later ones."""
    with serving(folder) as web:
        visitor = Visitor(web, cookie)
        visitor.open("glossary")
        used = web.cpu()
        first = visitor.open("cost")
        used = web.cpu() - used
        later = percentile([visitor.open("cost") for _ in range(RUNS)], 0.95)
        visitor.close()
    return first, used, later


def beside_pandas(folder: Path, first: date) -> tuple[float, float, float]:
    """Return seconds of a year by model and kind from what is kept, and by plain pandas from the lines.

    The last is how many times more of the processor pandas needs. The lines lie in a Parquet file, of
    which pandas reads the three columns that it needs.
    """
    lines = folder / "lines.parquet"
    with sqlite3.connect(folder / "governance.sqlite") as database:
        pd.read_sql("SELECT model, kind, micros FROM cost_entry", database).to_parquet(lines)
    database.close()
    services = open_services(read_settings({"COUNTERSIGN_HOME": str(folder)}))
    start, end = first.replace(day=1), first + timedelta(days=DAYS + 31)
    ours, theirs = Watch(), Watch()
    for _ in range(5):
        with ours, services.store.reading() as session:
            found = spending.of_months(session, start, end, ("model", "kind"))
        with theirs:
            sums = pd.read_parquet(lines).groupby(["model", "kind"])["micros"].sum()
        assert {each.key: each.amount.micros for each in found if each.amount} == sums.to_dict()
    return ours.wall, theirs.wall, theirs.used / ours.used


def bill(place: Path) -> int:
    """Write a FOCUS file of a month; return what it comes to in ten-thousand-millionths."""
    start, whole = datetime(2026, 10, 1, tzinfo=UTC), 0
    tags = [
        json.dumps({"model": f"model-{m:04d}", "team": f"team-{m % 20}"}) for m in range(MODELS)
    ]
    with place.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(ROWS):
            model, hour = number % MODELS, number // MODELS % 744
            cost = number * 7919 % 1_000_003 * 10**6 + number % 10**6
            whole += cost
            told = f"{cost // 10**10}.{cost % 10**10:010d}"
            at = start + timedelta(hours=hour)
            writer.writerow(
                (
                    told, told, "USD", "account", f"sub-{model % 10}", "Usage", "Usage-Based", "An hour of a machine",
                    f"{at:%Y-%m-%dT%H:%M:%SZ}", f"{at + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}", "1", "Hours",
                    "1", "Hours", "Sample", "eu-west-1", f"m-{number // MODELS // 744}-{model}", "Compute", "Machines",
                    f"sku-{model % 50}", "price", tags[model] if model % 10 else "",
                )
            )  # fmt: skip
    return whole


def taken(folder: Path) -> tuple[float, float, float]:
    """Return seconds, processor seconds and peak megabytes of importing a large bill in a process alone."""
    upgrade(read_settings({"COUNTERSIGN_HOME": str(folder)}).database)
    whole = bill(folder / "focus.csv")
    told = subprocess.run(
        [sys.executable, "-c", TAKE, str(folder), str(folder / "focus.csv")],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    new, effective, took, used, peak = json.loads(told.stdout.splitlines()[-1])
    assert (new, effective) == (ROWS, f"{whole // 10**10}.{whole % 10**10:010d}")
    return took, used, peak


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as place:
        took, used, peak = taken(Path(place))
    today = datetime.now(UTC).date()  # noqa: TID251 - the page looks at the last thirty days
    first = today - timedelta(days=DAYS - 1)
    with tempfile.TemporaryDirectory() as place:
        cookie = fill(Path(place), first)
        once, drew, later = painted(Path(place), cookie)
        ours, theirs, more = beside_pandas(Path(place), first)
    write(
        "cost",
        [
            Figure(
                "cost_page_ms", once * 1000, "ms",
                f"<= 500 at {LINES:,} lines, first paint; processor {drew * 1000:.0f} ms",
            ),
            Figure("cost_page_again_ms", later * 1000, "ms", "<= 500 at the 95th percentile"),
            Figure("focus_import_s", took, "s", f"<= 60 for {ROWS:,} rows; processor {used:.0f} s"),
            Figure("focus_import_mb", peak, "MB", "<= 1024"),
            Figure(
                "cost_vs_pandas", theirs / ours, "x", f">= 5; processor {more:.1f} times",
                theirs, theirs / ours,
            ),
        ],
    )  # fmt: skip
