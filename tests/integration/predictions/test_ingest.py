"""The door in a process of its own, and files straight into a workspace."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet

from services.bootstrap.services import Services, open_services
from services.cli.main import main
from services.facts.prediction.types import Stream
from services.kernel.identity import SYSTEM
from services.migrations.run import upgrade
from services.settings import read_settings
from services.workflows.sync.service import Sync
from tests.support.fake_mlflow import FakeMlflow
from tests.support.workspace import ROOT, free_port


@pytest.fixture
def workspace(tmp_path: Path) -> Services:
    """A workspace that knows one model of one version."""
    settings = read_settings({"COUNTERSIGN_HOME": str(tmp_path / "home")})
    upgrade(settings.database)
    services = open_services(settings)
    mlflow = FakeMlflow()
    mlflow.add("credit")
    Sync(services.store, mlflow).look()
    return services


def lines(start: int, count: int) -> bytes:
    rows = [
        {"prediction_id": str(n), "version": 1, "at": "2026-03-14T08:00:00Z", "features": {"x": n}}
        for n in range(start, start + count)
    ]
    return "\n".join(map(json.dumps, rows)).encode()


def test_the_door_alone_takes_batches_and_killed_in_the_middle_loses_none_it_acknowledged(
    workspace: Services, tmp_path: Path
) -> None:
    token = workspace.tokens.create(SYSTEM, "serving", ["predictions:write"])
    port = free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")},
        "COUNTERSIGN_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    command = [sys.executable, "-m", "services.cli.main", "ingest", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    acknowledged = 0
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                try:
                    assert httpx.get(f"{url}/health").json() == {"status": "ok"}
                    break
                except httpx.TransportError:
                    time.sleep(0.2)
            path = f"{url}/api/v1/models/credit/predictions"
            assert httpx.post(path, content=lines(0, 5)).status_code == 401
            assert httpx.get(f"{url}/api/v1/models").status_code == 404
            for start in range(0, 1_000, 200):
                answer = httpx.post(path, content=lines(start, 200), headers=headers).json()
                acknowledged += answer["accepted"]
        finally:
            process.send_signal(signal.SIGKILL)
    (day,) = workspace.predictions.count("credit", Stream.PREDICTIONS)
    assert day.rows == acknowledged == 1_000


def test_it_does_not_listen_to_the_world_without_encryption(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COUNTERSIGN_HOME", str(tmp_path))
    assert main(["ingest", "--host", "0.0.0.0"]) == 2
    assert "COUNTERSIGN_PUBLIC_URL" in capsys.readouterr().err


def test_files_go_straight_into_the_workspace_and_the_same_file_twice_is_known(
    workspace: Services,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COUNTERSIGN_HOME", str(workspace.settings.home))
    path = tmp_path / "a.parquet"
    at = ["2026-03-14T08:00:00Z", "2026-03-14T08:00:00", "2026-03-14T08:00:00Z"]
    held = {"prediction_id": ["1", "2", "3"], "at": at, "version": [1, 1, 5], "f_x": [1, 2, 3]}
    parquet.write_table(pa.table(held), path)
    for accepted, known in ((2, 0), (0, 2)):
        assert main(["predictions", "import", "credit", str(path)]) == 1
        told = capsys.readouterr().out.splitlines()
        assert told[-2] == f"{path}: {accepted} stored, {known} known already, 1 refused"
        assert f"{path} row 2: at:" in told[-1]
    (day,) = workspace.predictions.count("credit", Stream.PREDICTIONS)
    assert (day.rows, dict(day.findings)) == (2, {"unknown_version": 1})
    assert main(["predictions", "import", "nobody", str(path)]) == 2


def test_what_a_person_should_look_at_is_printed_and_labels_come_back_as_outcomes(
    workspace: Services,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COUNTERSIGN_HOME", str(workspace.settings.home))
    rows = [
        {
            "prediction_id": name, "at": "2026-03-14T08:00:00Z", "version": 1, "score": score,
            "features": {"word": "=cmd()"},
        }
        for name, score in (("sure", 0.99), ("unsure", 0.52))
    ]  # fmt: skip
    workspace.predictions.ingest("t", "credit", Stream.PREDICTIONS, rows)
    assert main(["predictions", "to-label", "credit", "--most", "1"]) == 0
    header, line = capsys.readouterr().out.splitlines()
    assert "reason" in header
    assert "unsure" in line
    assert "'=cmd()" in line
    labels = tmp_path / "labels.csv"
    labels.write_text(
        "prediction_id,at,outcome,source\nunsure,2026-03-15T08:00:00Z,1,labelled by p-17\n"
    )
    assert main(["predictions", "import", "credit", str(labels), "--stream", "outcomes"]) == 0
    capsys.readouterr()
    assert main(["predictions", "to-label", "credit"]) == 0
    told = capsys.readouterr().out
    assert "sure" in told
    assert "unsure" not in told
    assert main(["predictions", "to-label", "nobody"]) == 2
