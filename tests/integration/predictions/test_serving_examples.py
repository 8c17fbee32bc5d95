"""The examples in the documentation turn what serving software says into rows that the door takes."""

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from services.facts.prediction.types import Stream
from tests.integration.predictions.conftest import sent
from tests.support.workspace import ROOT

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Import an example by its name, as somebody who copied the folder does."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    yield importlib.import_module
    for path in EXAMPLES.glob("*.py"):
        sys.modules.pop(path.stem, None)


SERVED = """
import asyncio, json, os, sys
import httpx, mlflow, mlflow_serving
import pandas as pd

def say(told):  # one write a line: two threads say something
    os.write(1, (json.dumps(told) + "\\n").encode())

class Doubled(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return (2 * model_input["amount"]).to_numpy()

async def ask(app):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://model") as client:
        for columns in (["amount", "region"], ["other", "region"]):
            asked = {"columns": columns, "data": [[1.5, "N"], [2.0, "S"]]}
            answer = await client.post("/invocations", json={"dataframe_split": asked})
            say([answer.status_code, answer.json().get("predictions")])

table = pd.DataFrame({"amount": [1.5, 2.0], "region": ["N", "S"]})
signature = mlflow.models.infer_signature(table, [3.0, 4.0])
mlflow.pyfunc.save_model("model", python_model=Doubled(), signature=signature, pip_requirements=[])
mlflow.pyfunc.load_model = {"models:/credit/3": mlflow.pyfunc.load_model("model")}.get
mlflow_serving.send = lambda *told: say(told)
os.environ |= {"MODEL": "credit", "VERSION": "3"}
asyncio.run(ask(mlflow_serving.app()))
mlflow_serving.SENDER.shutdown()
"""


def test_what_the_scoring_server_of_mlflow_answers_is_logged(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SERVED],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2_000:]
    told = sorted((json.loads(line) for line in ran.stdout.splitlines()), key=lambda t: str(t[0]))
    assert told[:2] == [[200, [3.0, 4.0]], [400, None]]
    ((model, stream, rows),) = told[2:]
    assert (model, stream) == ("credit", "predictions")
    first, second = sent(Stream.PREDICTIONS, *rows)
    assert first.prediction_id != second.prediction_id
    assert (first.body["f_amount"], first.body["f_region"], first.body["version"]) == (1.5, "N", 3)
    assert [each.body["prediction"] for each in (first, second)] == [3.0, 4.0]


BENTO_SCHEMA = json.dumps(
    {
        "meta_data": {"bento_name": "iris_classifier", "bento_version": "aaaa"},
        "columns": [
            {"name": "sepal length", "role": "feature", "type": "numerical"},
            {"name": "sepal width", "role": "feature", "type": "numerical"},
            {"name": "pred", "role": "prediction", "type": "categorical"},
        ],
    }
)
BENTO = (
    '{"sepal length": 4.9, "sepal width": 3.0, "pred": "setosa", "timestamp": "2026-03-14T08:00:00.123456", '
    '"request_id": "14538673293948120911", "trace_id": "2"}',
    '{"sepal length": 6.1, "sepal width": 2.8, "pred": "virginica", "timestamp": "2026-03-14T08:00:00.123456", '
    '"request_id": "14538673293948120911", "trace_id": "2"}',
)


def test_the_monitoring_log_of_bentoml_becomes_rows(example: Any) -> None:
    rows = list(example("bentoml_monitoring").rows(BENTO_SCHEMA, BENTO, 2, UTC))
    first, second = sent(Stream.PREDICTIONS, *rows)
    assert first.prediction_id == "14538673293948120911-0"
    assert second.prediction_id == "14538673293948120911-1"
    assert first.at.isoformat() == "2026-03-14T08:00:00.123456+00:00"
    assert (first.body["f_sepal length"], first.body["prediction"]) == (4.9, "setosa")
    assert not {"f_timestamp", "f_request_id"} & first.body.keys()


def event(kind: str, at: str, body: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    headers = {
        "ce-specversion": "1.0",
        "ce-id": "36c47539-9ee3-4b79",
        "ce-type": f"org.kubeflow.serving.inference.{kind}",
        "ce-time": at,
        "ce-inferenceservicename": "flight-delay",
        "ce-component": "predictor",
        "ce-endpoint": "",
    }
    return headers, json.dumps(body).encode()


def answered(*outputs: dict[str, Any]) -> tuple[dict[str, str], bytes]:
    body = {"model_name": "flight-delay", "model_version": "1", "id": "7", "outputs": outputs}
    return event("response", "2026-03-14T08:00:00.25Z", body)


def test_the_two_events_of_an_inference_at_kserve_become_rows_whichever_comes_first(
    example: Any,
) -> None:
    kserve = example("kserve_logger")
    matrix = {"name": "x", "shape": [2, 2], "datatype": "FP64", "data": [[1.0, 2.0], [3.0, 4.0]]}
    column = {"name": "carrier", "shape": [2, 1], "datatype": "BYTES", "data": ["UA", "AA"]}
    request = event("request", "2026-03-14T08:00:00.2Z", {"id": "7", "inputs": [matrix, column]})
    flat = {"name": "predict", "shape": [2], "datatype": "INT64", "data": [0, 1]}
    for pair in ((request, answered(flat)), (answered(flat), request)):
        pairs = kserve.Pairs()
        assert pairs.rows(pair[0], 4) == []
        first, second = sent(Stream.PREDICTIONS, *pairs.rows(pair[1], 4))
        assert pairs.rows(pair[1], 4) == []
        assert (first.prediction_id, second.prediction_id) == (
            "36c47539-9ee3-4b79-0",
            "36c47539-9ee3-4b79-1",
        )
        assert [second.body[f"f_{n}"] for n in ("x_0", "x_1", "carrier")] == [3.0, 4.0, "AA"]
        assert (second.body["prediction"], second.body["version"]) == (1, 4)
        assert second.body["latency_ms"] == pytest.approx(50)


def test_several_numbers_for_each_row_are_the_scores_of_classes(example: Any) -> None:
    one = {"name": "x", "shape": [2], "datatype": "FP32", "data": [1.0, 2.0]}
    request = event("request", "2026-03-14T08:00:00Z", {"inputs": [one]})
    shares = {"name": "p", "shape": [2, 2], "datatype": "FP32", "data": [0.1, 0.9, 0.8, 0.2]}
    rows = sent(Stream.PREDICTIONS, *example("kserve_logger").rows(request, answered(shares), 1))
    assert [each.body["scores"] for each in rows] == [[0.1, 0.9], [0.8, 0.2]]
    assert rows[0].body["prediction"] is None
