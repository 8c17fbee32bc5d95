"""Odd rows from the door to the numbers: each is counted where it belongs, and nothing turns green."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from services.facts.data_quality import drafting
from services.facts.data_quality import measuring as data_quality
from services.facts.evidence.types import MeasurementStatus
from services.facts.kpi import evaluation
from services.facts.performance import production
from services.facts.prediction import patterns
from services.facts.prediction.filing import Filing
from services.facts.prediction.journal import Journal
from services.facts.prediction.pace import Pace
from services.facts.prediction.reader import PredictionReader
from services.facts.prediction.service import PredictionLog
from services.facts.prediction.types import Stream
from services.facts.service_level import measuring as service_level
from services.facts.window.types import WindowMetric
from services.kernel.clock import FixedClock

START = datetime(2026, 3, 13, tzinfo=UTC)
END = START + timedelta(days=1)
N = 240
REFERENCE = pd.DataFrame(
    {"age": np.arange(20.0, 80.0), "city": ["Ulm", "Bonn"] * 30, "owner": [True, False] * 30}
)
EXPECTED = drafting.draft(REFERENCE, ["age", "city", "owner"])


@pytest.fixture
def log(journal: Journal, clock: FixedClock) -> PredictionLog:
    return PredictionLog(journal, clock, b"secret", Pace())


def row(k: int, **other: Any) -> dict[str, Any]:
    features = {"age": 20 + k % 60, "city": "Ulm", "owner": k % 2 == 0}
    return {
        "prediction_id": f"p{k}", "at": (START + (END - START) * k / N).isoformat(), "version": 1,
        "caller": "shop", "latency_ms": 10.0 + k % 50, "score": (k % 100) / 100,
        "prediction": int(k % 100 >= 50), "scores": [1 - (k % 100) / 100, (k % 100) / 100],
        "features": {**features, **other.pop("features", {})}, **other,
    }  # fmt: skip


def outcome(k: int, value: Any) -> dict[str, Any]:
    at = (START + timedelta(days=1)).isoformat()
    return {"prediction_id": f"p{k}", "at": at, "outcome": value, "source": "ledger"}


def measured(table: pa.Table) -> dict[tuple[str, str], WindowMetric]:
    found = service_level.measure(table, START, END)
    found += data_quality.measure(table, EXPECTED, START, END)
    found += production.measure(table, "classification", 0.5, 1, START, END)
    found.append(evaluation.measure(table, "Yes", "share(prediction = 1)", START, END))
    assert patterns.find(table, patterns.usual(table)) == []
    return {(each.metric, each.feature): each for each in found}


@pytest.mark.parametrize("filed", [False, True])
def test_odd_rows_are_counted_where_they_belong(
    log: PredictionLog, reader: PredictionReader, filing: Filing, *, filed: bool
) -> None:
    odd = [
        row(0, features={"age": None}), row(1, features={"age": float("nan")}),
        row(2, features={"age": float("inf")}), row(3, features={"age": 900}),
        row(4, features={"age": "old"}), row(5, features={"owner": "perhaps"}),
        row(6, status="error", latency_ms=None, score=None, prediction=None, scores=None),
        row(7, latency_ms=float("nan")),
    ]  # fmt: skip
    sent = [*odd, *(row(k) for k in range(len(odd), N))]
    receipt = log.ingest("t", "m", Stream.PREDICTIONS, sent)
    assert (receipt.accepted, receipt.rejected) == (N, ())
    told = [outcome(k, bool(k % 100 >= 50)) for k in range(N - 1, -1, -1)]  # out of order
    log.ingest("t", "m", Stream.OUTCOMES, [*told, *told])
    if filed:
        filing.file("m", Stream.PREDICTIONS, START.date())
    found = measured(reader.day("m", START.date()))
    assert found["service.requests", ""].value == N
    assert found["service.error_rate", ""].value == pytest.approx(1 / N)
    assert found["service.latency_p95_ms", ""].n == N - 2
    failed = data_quality.FAILED
    assert found[failed, "age"].method == (
        "finite 1 of 240, kind 1 of 240, known 2 of 240, range 1 of 240"
    )
    assert found[failed, "owner"].method == "kind 1 of 240"
    assert (failed, "city") not in found
    accuracy = found["performance.accuracy", ""]
    assert (accuracy.value, accuracy.n) == (1.0, N - 1)
    assert found["performance.label_coverage", ""].value == 1.0
    assert found["kpi.value", "Yes"].n == N - 1


def test_a_day_of_nothing_but_errors_is_not_well(
    log: PredictionLog, reader: PredictionReader
) -> None:
    nothing = {"status": "error", "score": None, "prediction": None, "scores": None}
    gone = {"latency_ms": None, "features": {"age": None, "city": None, "owner": None}}
    log.ingest("t", "m", Stream.PREDICTIONS, [row(k, **nothing, **gone) for k in range(60)])
    found = measured(reader.day("m", START.date()))
    assert found["service.error_rate", ""].value == 1.0
    told = {name for (name, _), each in found.items() if each.status is MeasurementStatus.OK}
    assert told == {
        "service.requests", "service.error_rate", "service.silence_hours",
        "data_quality.expectations_failed",
    }  # fmt: skip
    assert found["data_quality.expectations_failed", ""].value == 3.0
