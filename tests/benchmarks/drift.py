"""Profiles of a wide log: 90 days of 111,111 rows and 50 columns, read from Parquet by processes of their own.

Notes
-----
Six days are drawn and each is read fifteen times: a quarter of a gigabyte on the disk does the work of
ten million rows. The reader decodes the same batches with and without profiling, so that the ratio of
both is what the instrument costs. Evidently needs minutes for a million rows and as long for each value
of fifty thousand (2.8 and 2.7 µs), so that these stand for it.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from services.facts.drift import codec, rules
from services.facts.drift.types import Binning, Profile
from services.facts.drift.window import distances
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.streams import wide

WINDOWS, ROWS, DRAWN, BATCH = 90, 111_111, 6, 65_536
EVIDENTLY, COLUMNS = 50_000, 35
DAY = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = [f"c_{place}" for place in range(5)]
Told = dict[str, float]


def fill(folder: Path) -> None:
    """Draw the days and the reference."""
    for place in range(DRAWN + 1):
        pq.write_table(wide(place, ROWS), folder / f"day-{place}.parquet", compression="zstd")


def bins(table: pa.Table) -> dict[str, Binning]:
    """Return the bins of every column."""
    return {
        name: rules.category_binning(table.column(name).to_pylist())
        if name.startswith("c_")
        else rules.numeric_binning(table.column(name).to_numpy())
        for name in table.schema.names
    }


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file as the worker reads them."""
    with pq.ParquetFile(path, read_dictionary=WORDS) as file:
        yield from file.iter_batches(BATCH, use_threads=False)


def window(path: Path, binnings: dict[str, Binning]) -> dict[str, Profile]:
    """Return the profiles of one day."""
    parts = [rules.profile_batch(batch, binnings) for batch in batches(path)]
    return {name: rules.merge([part[name] for part in parts]) for name in binnings}


def backfill(folder: Path, windows: int = WINDOWS) -> Told:
    """Profile every day, pack it, and work out its distances."""
    table = pq.read_table(folder / f"day-{DRAWN}.parquet")
    binnings = bins(table)
    reference = window(folder / f"day-{DRAWN}.parquet", binnings)
    del table
    stored, numbers, began = 0, 0, time.process_time()
    for place in range(windows):
        found = window(folder / f"day-{place % DRAWN}.parquet", binnings)
        stored += sum(len(codec.pack_profile(each)) for each in found.values())
        for name, each in found.items():
            numbers += len(
                distances(binnings[name], reference[name], each, start=DAY, end=DAY, feature=name, min_n=200)
            )  # fmt: skip
    return {"cpu": time.process_time() - began, "bytes": stored, "numbers": numbers}


def decode(folder: Path, windows: int = WINDOWS) -> Told:
    """Read every day and do nothing."""
    rows, began = 0, time.process_time()
    for place in range(windows):
        rows += sum(batch.num_rows for batch in batches(folder / f"day-{place % DRAWN}.parquet"))
    return {"cpu": time.process_time() - began, "rows": rows}


def one_day(folder: Path) -> Told:
    """Profile a day when all is warm."""
    backfill(folder, 1)
    return backfill(folder, 1)


def ours(folder: Path) -> Told:
    """Hold a million rows against a frozen reference, and once more with the reference made anew."""
    held, now = (_narrow(folder, [place] * 9) for place in (0, 1))
    binnings = bins(held)
    reference = rules.profile_batch(_batch(held), binnings)
    began = time.process_time()
    found = rules.profile_batch(_batch(now), binnings)
    for name, binning in binnings.items():
        distances(
            binning, reference[name], found[name], start=DAY, end=DAY, feature=name, min_n=200
        )
    frozen = time.process_time() - began
    began = time.process_time()
    rules.profile_batch(_batch(held), bins(held))
    return {
        "ns": frozen / now.num_rows / COLUMNS * 1e9,
        "anew_ns": (frozen + time.process_time() - began) / 2 / now.num_rows / COLUMNS * 1e9,
    }


def evidently(folder: Path) -> Told:
    """Compare two tables of the same columns by Evidently's default preset."""
    os.environ["DO_NOT_TRACK"] = "1"
    from evidently import Report
    from evidently.presets import DataDriftPreset

    held, now = (_narrow(folder, [place]).slice(0, EVIDENTLY).to_pandas() for place in (0, 1))
    words = [name for name in held if name.startswith("c_")]
    for each in (held, now):
        each[words] = each[words].astype(str)
    began = time.process_time()
    Report([DataDriftPreset()]).run(now, held).json()
    return {"ns": (time.process_time() - began) / 2 / EVIDENTLY / COLUMNS * 1e9}


def _narrow(folder: Path, places: list[int]) -> pa.Table:
    names = [*(f"f_{each}" for each in range(COLUMNS - len(WORDS))), *WORDS]
    return pa.concat_tables(
        pq.read_table(folder / f"day-{place}.parquet", columns=names) for place in places
    )


def _batch(table: pa.Table) -> pa.RecordBatch:
    return table.unify_dictionaries().combine_chunks().to_batches()[0]


CHILDREN: dict[str, Callable[[Path], Told]] = {
    "backfill": backfill, "decode": decode, "one_day": one_day, "ours": ours, "evidently": evidently,
}  # fmt: skip


def child(name: str, folder: Path) -> Told:
    """Run one of these in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.drift", name, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder)
        found = {each: child(each, folder) for each in CHILDREN}
    whole, plain = found["backfill"], found["decode"]
    ours_ns, anew_ns, theirs_ns = (
        found["ours"]["ns"],
        found["ours"]["anew_ns"],
        found["evidently"]["ns"],
    )
    said = f"CPU a value: ours of 1 M x {COLUMNS}, theirs of {EVIDENTLY:,} x {COLUMNS}"
    write(
        "drift",
        [
            Figure("backfill_cpu_s", whole["cpu"], "s", "<= 60 for 10 M x 50, 90 windows"),
            Figure("day_cpu_s", found["one_day"]["cpu"], "s", "<= 1 for 111 k x 50"),
            Figure("backfill_peak_mb", whole["peak"], "MB", "<= 1000"),
            Figure("profile_store_mb", whole["bytes"] / 1e6, "MB", "<= 10"),
            Figure("drift_vs_decode", whole["cpu"] / plain["cpu"], "x", "<= 3", plain["cpu"], whole["cpu"] / plain["cpu"]),
            Figure("drift_vs_evidently", theirs_ns / ours_ns, "x", f">= 100; {said}", theirs_ns, theirs_ns / ours_ns),
            Figure("drift_anew_vs_evidently", theirs_ns / anew_ns, "x", "with the reference's bins made anew", theirs_ns, theirs_ns / anew_ns),
        ],
    )  # fmt: skip


if __name__ == "__main__":
    told = CHILDREN[sys.argv[1]](Path(sys.argv[2]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**told, "peak": peak}))
