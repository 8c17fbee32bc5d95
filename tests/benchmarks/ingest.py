"""The door of the prediction log over HTTP, and a question over ten million rows."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from services.bootstrap.services import open_services
from services.facts.prediction.duckdb_adapter import grouped
from services.kernel.identity import SYSTEM
from services.migrations.run import upgrade
from services.settings import read_settings
from services.workflows.sync.service import Sync
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.visitor import answered
from tests.support.fake_mlflow import FakeMlflow
from tests.support.workspace import ROOT, free_port

SECONDS, BATCH, CALLERS, FEATURES = 60.0, 1_000, 2, 20
DAYS, A_DAY, SEGMENTS = 90, 111_000, 15


def batch(caller: int, place: int, generator: np.random.Generator, rows: int = BATCH) -> bytes:
    """Return predictions as JSON lines."""
    values = generator.normal(size=(rows, FEATURES)).round(6).tolist()
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    told = [
        {
            "prediction_id": f"{caller}-{place}-{n}", "version": 1, "at": now,
            "score": 0.5, "prediction": 1, "latency_ms": 12.5, "caller": f"caller-{n % 20}",
            "features": {f"x{k}": value for k, value in enumerate(each)},
            "segments": {"carrier": "UA"},
        }
        for n, each in enumerate(values)
    ]  # fmt: skip
    return "\n".join(map(json.dumps, told)).encode()


def send(url: str, token: str, caller: int, until: float, took: list[float]) -> None:
    """Send batches until a time, and note how long each of them took."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    generator, place = np.random.default_rng(caller), 0
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        while time.perf_counter() < until:
            body, place = batch(caller, place, generator), place + 1
            began = time.perf_counter()
            answer = client.post("/api/v1/models/credit/predictions", content=body)
            took.append(time.perf_counter() - began)
            if answer.status_code == 429:
                took.pop()
                time.sleep(float(answer.headers["retry-after"]))
                continue
            assert answer.json()["accepted"] == BATCH, answer.text[:500]


def door(folder: Path) -> tuple[float, float]:
    """Return rows a second and the 95th percentile of a batch in milliseconds."""
    settings = read_settings({"COUNTERSIGN_HOME": str(folder)})
    upgrade(settings.database)
    services = open_services(settings)
    mlflow = FakeMlflow()
    mlflow.add("credit")
    Sync(services.store, mlflow).look()
    tokens = [services.tokens.create(SYSTEM, str(n), ["predictions:write"]) for n in range(CALLERS)]
    port = free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")},
        "COUNTERSIGN_HOME": str(folder), "COUNTERSIGN_LOG_LEVEL": "WARNING", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", "services.cli.main", "ingest", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    took: list[float] = []
    try:
        url = f"http://127.0.0.1:{port}"
        answered(f"{url}/health", time.perf_counter())
        began = time.perf_counter()
        threads = [
            threading.Thread(target=send, args=(url, token, n, began + SECONDS, took))
            for n, token in enumerate(tokens)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        elapsed = time.perf_counter() - began
    finally:
        process.terminate()
        process.wait(timeout=20)
    return len(took) * BATCH / elapsed, statistics.quantiles(took, n=20)[-1] * 1_000


def question(folder: Path) -> float:
    """Return the milliseconds of one feature, 90 days and 10 segments over ten million rows."""
    generator = np.random.default_rng(1)
    carriers = np.array([f"carrier-{n}" for n in range(SEGMENTS)])
    for day in range(DAYS):
        at = np.datetime64("2026-01-01") + np.timedelta64(day, "D")
        instants = at + np.sort(generator.integers(0, 86_400_000_000, A_DAY)).astype("m8[us]")
        columns = {f"f_{n}": generator.normal(size=A_DAY) for n in range(8)}
        held = {"at": pa.array(instants, pa.timestamp("us", "UTC")), **columns}
        held["s_carrier"] = carriers[generator.integers(0, SEGMENTS, A_DAY)]
        path = folder / f"{day}.parquet"
        parquet.write_table(pa.table(held), path, compression="zstd", row_group_size=100_000)
    files = [str(each) for each in sorted(folder.glob("*.parquet"))]
    took: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        found = grouped(files, None, None, ("f_3", "number"), "s_carrier", 10)
        took.append(time.perf_counter() - began)
        assert found.num_rows == DAYS * 10
    return statistics.median(took) * 1_000


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as folder:
        rows, p95 = door(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        drill_down = question(Path(folder))
    write(
        "ingest",
        [
            Figure("ingest_rows_per_s", rows, "/s", ">= 5000"),
            Figure("ingest_batch_p95_ms", p95, "ms", "<= 300"),
            Figure("drill_down_ms", drill_down, "ms", "<= 2000"),
        ],
    )
