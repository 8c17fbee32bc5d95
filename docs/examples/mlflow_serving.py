"""What ``mlflow models serve`` runs, with a log: MODEL=credit VERSION=3 uvicorn --factory mlflow_serving:app."""

import logging
import os
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mlflow
import pandas as pd
from log_predictions import send
from mlflow.pyfunc import scoring_server

SENDER = ThreadPoolExecutor(1)  # callers never wait for the log


def log(model: str, rows: list[dict[str, Any]]) -> None:
    """Send rows; that they were not taken is said in the server's log."""
    try:
        send(model, "predictions", rows)
    except OSError:
        logging.getLogger(__name__).exception("%d answers were not logged", len(rows))


class Logged:
    """A model whose answers to tables are logged by row; of several columns the first is the prediction."""

    def __init__(self, model: Any, name: str, version: int) -> None:
        self.metadata, self._model, self._name, self._version = model.metadata, model, name, version

    def predict(self, data: Any, params: dict[str, Any] | None = None) -> Any:
        """Answer as the model does."""
        answers = self._model.predict(data, params=params)
        rows = pd.DataFrame({"prediction": pd.DataFrame(answers).iloc[:, 0].to_list()})
        rows["features"] = pd.DataFrame(data).to_dict("records")
        rows["prediction_id"] = [str(uuid.uuid4()) for _ in rows.index]
        rows["version"], rows["at"] = self._version, pd.Timestamp.now("UTC").isoformat()
        SENDER.submit(log, self._name, rows.to_dict("records"))
        return answers


def app() -> Any:
    """Return MLflow's application around a logged model."""
    name, version = os.environ["MODEL"], int(os.environ["VERSION"])
    model = mlflow.pyfunc.load_model(f"models:/{name}/{version}")
    return scoring_server.init(Logged(model, name, version))
