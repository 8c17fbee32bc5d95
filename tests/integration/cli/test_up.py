"""``countersign up`` over an MLflow that does not answer: it serves, mends itself, and leaves nothing behind."""

import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from services.bootstrap import worker
from tests.integration.cli.commands import ended, processes, refusal, silent, until
from tests.support.workspace import Workspace, running

pytestmark = [pytest.mark.timeout(180), pytest.mark.xdist_group("up")]


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    home = tmp_path_factory.mktemp("up") / "workspace"
    with running(home, COUNTERSIGN_DEMO="off", COUNTERSIGN_MLFLOW_URI=silent()) as workspace:
        until(lambda: answers(workspace), 60, "the sign-in page")
        yield workspace


def answers(workspace: Workspace) -> bool:
    try:
        page = httpx.get(f"{workspace.url}/session/sign-in", follow_redirects=True, timeout=2)
    except (httpx.HTTPError, KeyError, ValueError, OSError):
        return False
    return page.is_success and "Sign in" in page.text


def beats(workspace: Workspace) -> bool:
    """Tell whether the worker spoke; a command would load everything each time."""
    with sqlite3.connect(f"file:{workspace.home}/governance.sqlite?mode=ro", uri=True) as held:
        asked = "SELECT 1 FROM heartbeat WHERE component = 'worker:batch'"
        return held.execute(asked).fetchone() is not None


def pids(workspace: Workspace) -> dict[str, int]:
    return {name: pid for name, pid in workspace.run["pids"].items() if pid}


def test_the_state_says_what_is_wrong_and_the_rest_works(console: Workspace) -> None:
    until(lambda: beats(console), 60, "a beat")
    done = console.command("status", "--json")
    held = json.loads(done.stdout)
    assert done.returncode == 1
    assert held["web"]["ok"]
    assert held["worker"]["ok"]
    assert not held["mlflow"]["ok"]
    assert held["mlflow"]["reason"].endswith(".")
    assert not held["sync"]["ok"]
    ready = httpx.get(f"{console.url}/ready", timeout=5)
    assert ready.status_code == 200
    assert console.command("wait", "ready", "--timeout", "5").returncode == 0
    waited = console.command("wait", "idle", "--timeout", "2")
    assert waited.returncode == 2
    assert "mlflow" in waited.stdout.lower()


def test_a_second_console_over_the_same_workspace_is_refused(console: Workspace) -> None:
    before = pids(console)
    said = refusal(console.command("up"))
    assert str(console.home) in said or "running" in said
    assert pids(console) == before
    assert answers(console)


def children(pid: int) -> set[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return {int(each) for each in text.split()}


@pytest.mark.parametrize("part", ["web", "worker"])
def test_a_part_that_was_killed_is_started_again(console: Workspace, part: str) -> None:
    assert console.command("wait", "ready", "--timeout", "60").returncode == 0
    before = pids(console)
    lanes = children(before["worker"]) if part == "worker" else set[int]()
    os.kill(before[part], signal.SIGKILL)
    until(lambda: pids(console).get(part) not in (None, before[part]), 30, f"another {part}")
    until(lambda: answers(console), 30, "the sign-in page")
    until(lambda: all(ended(pid) for pid in lanes), 20, "the end of the old lanes")
    others = {name: pid for name, pid in before.items() if name != part}
    assert others.items() <= pids(console).items()


def test_asked_to_terminate_it_leaves_no_process_within_ten_seconds(tmp_path: Path) -> None:
    home = tmp_path / "workspace"
    with running(home, COUNTERSIGN_DEMO="off", COUNTERSIGN_MLFLOW_URI=silent()) as workspace:
        until(lambda: answers(workspace), 60, "the sign-in page")
        leaves_nothing(workspace, signal.SIGTERM)


def test_with_ctrl_c_too_whatever_was_started_again_meanwhile(console: Workspace) -> None:
    leaves_nothing(console, signal.SIGINT)  # the last test of the file: the console is over


def leaves_nothing(workspace: Workspace, number: signal.Signals) -> None:
    home = workspace.home
    known = {*pids(workspace).values(), *processes(home)}
    workspace.process.send_signal(number)
    workspace.process.wait(timeout=10)
    until(lambda: all(ended(pid) for pid in known), 2, "the end of every process")
    assert processes(home) <= {os.getpid()}
    assert "Traceback" not in (home.parent / "workspace.out").read_text(encoding="utf-8")


def test_a_lane_that_was_still_loading_when_its_supervisor_died_does_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, opened = "1", list[object]()
    monkeypatch.setenv("COUNTERSIGN_HOME", str(tmp_path))
    monkeypatch.setenv(worker.SUPERVISED, gone)
    monkeypatch.setattr(sys, "argv", ["worker", "--lane", "interactive"])
    monkeypatch.setattr(worker.logs, "configure", lambda *_: None)
    monkeypatch.setattr(worker, "_end_with_the_supervisor", lambda: None)
    monkeypatch.setattr(worker, "open_services", opened.append)
    monkeypatch.setattr(worker, "_interactive", lambda _: 7)
    assert worker.main() == 0
    assert opened == []
    monkeypatch.setenv(worker.SUPERVISED, str(os.getppid()))
    assert worker.main() == 7
