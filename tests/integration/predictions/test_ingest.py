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


def test_a_file_that_was_stored_whole_is_known_and_stores_nothing(
    workspace: Services,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COUNTERSIGN_HOME", str(workspace.settings.home))
    path, copy = tmp_path / "a.csv", tmp_path / "b.csv"
    for each in (path, copy):
        each.write_text("prediction_id,at,version,f_x\n1,2026-03-14T08:00:00Z,1,2\n")
    command = ["predictions", "import", "credit"]
    assert main([*command, str(path), str(copy)]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{path}: 1 stored, 0 known already, 0 refused"
    assert second.startswith(f"{copy}: known since 20")
    with workspace.store.reading() as session:
        (event,) = workspace.trail.search(session, action="predictions:imported")
    assert event.payload == {"model": "credit", "stream": "predictions", "rows": 1}
    assert main([*command, str(path), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["files"]
    assert (told["accepted"], told["known_since"]) == (0, event.at.isoformat())
    assert main([*command, str(path), "--again"]) == 0
    assert "0 stored, 1 known already" in capsys.readouterr().out
    outcomes = [*command, str(path), "--stream", "outcomes"]
    assert main(outcomes) == 2  # another stream does not know it


def test_custody_is_decided_on_the_workspace_and_holds_at_once(
    workspace: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COUNTERSIGN_HOME", str(workspace.settings.home))
    command = ["predictions", "custody", "credit"]

    def told(*more: str) -> str:
        assert main([*command, *more]) == 0
        return capsys.readouterr().out.strip()

    assert told() == "credit: kept for ever"
    assert told(
        "--drop", "f_ssn", "--hash", "email", "--keep-days", "365", "--caller-limit", "9"
    ) == (
        "credit: never stored: f_ssn; only digests of email; kept for 365 days; "
        "a caller may send 9 rows a day"
    )
    assert told("--hash", "f_ssn", "--caller-limit", "0") == (
        "credit: only digests of email, f_ssn; kept for 365 days"
    )
    assert json.loads(told("--json")) == {
        "dropped": [], "hashed": ["email", "f_ssn"], "caller_limit": None, "keep_days": 365,
    }  # fmt: skip
    with workspace.store.reading() as session:
        assert len(workspace.trail.search(session, action="custody:set")) == 2
    assert main([*command, "--keep-days", "30"]) == 2
    assert "184 days" in capsys.readouterr().err
    assert told("--anew") == "credit: kept for ever"
    assert main(["predictions", "custody", "nobody"]) == 2


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
    with workspace.store.reading() as session:
        read = workspace.trail.search(session, action="sensitive:read")
    assert [(each.subject_id, each.payload["purpose"]) for each in read] == [
        ("credit", "labelling")
    ]
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
