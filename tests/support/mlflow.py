"""A real MLflow server for tests, and a tiny model registered through its public client."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from tests.support.workspace import free_port

TINY = """
import sys, mlflow, pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression
mlflow.set_tracking_uri(sys.argv[1])
rows = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0], "b": [1.0, 0.0, 1.0, 0.0]})
for version in range(int(sys.argv[3])):
    model = LogisticRegression(C=1.0 + version).fit(rows, [0, 0, 1, 1])
    with mlflow.start_run(tags={"mlflow.user": "ada"}):
        mlflow.sklearn.log_model(model, name="model", registered_model_name=sys.argv[2],
                                 signature=infer_signature(rows, model.predict(rows)),
                                 pip_requirements=["scikit-learn"])
"""


@contextlib.contextmanager
def mlflow_server(folder: Path) -> Iterator[str]:
    """Yield the address of a server over a fresh store; stopped by its own id."""
    port = free_port()
    command = [
        sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination", f"{folder}/artifacts", "--serve-artifacts", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "1",
    ]  # fmt: skip
    quiet = {
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
    }
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(
        command,
        env={**os.environ, **quiet},
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(url, process)
        yield url
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()


def _until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert process.poll() is None, "the MLflow server stopped at once"
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{url}/health", timeout=2).is_success:
                return
        time.sleep(0.5)
    raise AssertionError("the MLflow server does not answer")


def register_again(url: str, name: str, like: str) -> None:
    """Register the files of another model's first version under a name: no process is needed."""
    api = f"{url}/api/2.0/mlflow"
    asked = httpx.get(
        f"{api}/model-versions/get", params={"name": like, "version": "1"}, timeout=30
    )
    held = asked.raise_for_status().json()["model_version"]
    made = {"source": held["source"], "run_id": held["run_id"]}
    made["model_id"] = held["source"].removeprefix("models:/")
    for path, body in (
        ("registered-models", {"name": name}),
        ("model-versions", {"name": name, **made}),
    ):
        httpx.post(f"{api}/{path}/create", json=body, timeout=30).raise_for_status()


def register(url: str, name: str, versions: int = 1) -> None:
    """Register versions of a tiny model."""
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", TINY, url, name, str(versions)],
        check=True,
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
