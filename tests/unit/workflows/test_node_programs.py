"""What runs on the nodes of a cluster: an old Python and nothing of ours is enough, and no attempt runs twice."""

import ast
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.workflows.engine.attempt_folder import NODE, PROGRAMS, AttemptFolder, Exit
from services.workflows.engine.node import attend, gpus
from services.workflows.engine.types import AttemptSpec, Resources

OLDEST = (3, 8)


@pytest.mark.parametrize("name", PROGRAMS)
def test_an_old_python_and_its_standard_library_are_enough(name: str) -> None:
    tree = ast.parse((NODE / name).read_text(encoding="utf-8"), feature_version=OLDEST)
    names = {
        each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names
    }
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {each.split(".")[0] for each in names} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("0, NVIDIA H100 80GB HBM3, 37, 10240, 81559, 310.55", (0, 0.37, 10240.0, 310.55)),
        ("3, Tesla T4, 0, 0, 15360, [N/A]", (3, 0.0, 0.0, None)),
        ("1, NVIDIA A100, [N/A], 10, 40960, 50", None),
        ("No devices were found", None),
        ("", None),
    ],
)
def test_a_gpu_is_what_it_says_of_itself(line: str, seen: tuple[Any, ...] | None) -> None:
    found = gpus.parsed(line)
    told = found and (found["index"], found["busy"], found["memory_mb"], found["power_watts"])
    assert told == seen


@pytest.fixture
def laid(tmp_path: Path) -> AttemptFolder:
    (tmp_path / "code").mkdir()
    script = f"open({str(tmp_path / 'ran')!r}, 'a').write('x'); import time; time.sleep(0.2)"
    spec = AttemptSpec(
        "t1-1", "t1", 1, (sys.executable, "-I", "-S", "-c", script), tmp_path, Resources(seconds=60),
        grace_seconds=1.0,
    )  # fmt: skip
    folder = AttemptFolder.of(spec)
    folder.lay(spec)
    return folder


def ran(folder: AttemptFolder) -> int:
    path = folder.path.parents[1] / "ran"
    return len(path.read_text()) if path.exists() else 0


def attended(folder: AttemptFolder) -> int:
    return subprocess.run(folder.entry(sys.executable), check=False, timeout=30).returncode


def test_an_attempt_runs_once_however_often_a_cluster_starts_it(laid: AttemptFolder) -> None:
    assert attended(laid) == 0
    ended = laid.exit
    assert ended is not None
    assert (ended.state, ended.exit_code) == ("succeeded", 0)
    assert attended(laid) == 0
    assert (laid.exit, ran(laid)) == (ended, 1)


def test_what_was_begun_and_lost_is_not_begun_again(laid: AttemptFolder) -> None:
    (laid.path / "begun.json").write_text(json.dumps({"at": time.time()}))
    attended(laid)
    ended = laid.exit
    assert ended is not None
    assert (ended.state, ended.preempted) == ("lost", True)
    assert ran(laid) == 0


def test_who_comes_after_it_was_given_up_starts_nothing(laid: AttemptFolder) -> None:
    end = Exit("lost", "Nobody knows it.", None, None, datetime(2026, 3, 14, tzinfo=UTC))
    assert laid.bury(end)
    assert attended(laid) == 0
    assert (laid.exit, ran(laid)) == (end, 0)


def test_nobody_is_buried_while_somebody_attends(laid: AttemptFolder) -> None:
    held = os.open(laid.path / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    end = Exit("lost", "Nobody knows it.", None, None, datetime(2026, 3, 14, tzinfo=UTC))
    assert not laid.bury(end)
    assert attended(laid) == attend.BUSY_ELSEWHERE
    assert (laid.exit, ran(laid)) == (None, 0)
    os.close(held)
    assert laid.bury(end)


def test_what_is_told_to_a_node_is_for_its_user_alone(laid: AttemptFolder) -> None:
    assert laid.path.stat().st_mode & 0o077 == 0
    for each in laid.path.iterdir():
        assert each.stat().st_mode & 0o077 == 0, each


def test_a_cluster_that_asks_it_to_stop_is_told_apart_from_a_script_that_fails(
    tmp_path: Path,
) -> None:
    spec = AttemptSpec(
        "t1-1", "t1", 1, (sys.executable, "-I", "-S", "-c", "import time; time.sleep(30)"), tmp_path,
        grace_seconds=1.0,
    )  # fmt: skip
    folder = AttemptFolder.of(spec)
    folder.lay(spec)
    process = subprocess.Popen(folder.entry(sys.executable))
    until = time.monotonic() + 10
    while folder.usage is None and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    ended = folder.exit
    assert ended is not None
    assert (ended.state, ended.reason) == ("stopped", attend.ASKED)


def sleeping(folder: Path, path: str, gpus: int) -> AttemptFolder:
    """Return an attempt that took two seconds on a node with some programs."""
    spec = AttemptSpec(
        "t1-1", "t1", 1, (sys.executable, "-I", "-S", "-c", "import time; time.sleep(2)"), folder,
        Resources(gpus=gpus),
    )  # fmt: skip
    laid = AttemptFolder.of(spec)
    laid.lay(spec)
    subprocess.run(laid.entry(sys.executable), env={"PATH": path}, check=True, timeout=30)
    return laid


def test_gpus_are_what_the_node_says_and_nothing_where_it_says_nothing(tmp_path: Path) -> None:
    speaking = tmp_path / "bin"
    speaking.mkdir()
    program = speaking / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '0, NVIDIA A100, 10, 2048, 40960, 55.5'\n")
    program.chmod(0o755)
    seen = sleeping(tmp_path / "one", f"{speaking}:/usr/bin:/bin", 1).usage
    assert seen is not None
    assert [(gpu.name, gpu.busy, gpu.power_watts) for gpu in seen.gpus] == [
        ("NVIDIA A100", 0.1, 55.5)
    ]
    assert (seen.gpu_busy_share, seen.gpu_idle_since is not None) == (0.1, True)
    assert seen.gpu_seconds == seen.wall_seconds >= 2
    silent = sleeping(tmp_path / "two", str(tmp_path / "nothing"), 1).usage
    assert silent is not None
    assert (silent.gpus, silent.gpu_busy_share, silent.gpu_idle_since) == ((), None, None)
    none = sleeping(tmp_path / "three", f"{speaking}:/usr/bin:/bin", 0).usage
    assert none is not None
    assert (none.gpus, none.gpu_seconds) == ((), 0)


@pytest.mark.parametrize(("age", "known"), [(5.0, True), (31.0, False)])
def test_what_a_gpu_said_long_ago_is_not_what_it_does_now(
    laid: AttemptFolder, age: float, known: bool
) -> None:
    now = time.time()
    alive = {"at": now, "wall_seconds": 60.0, "cpu_seconds": 1.0, "memory_mb": 10.0}
    gpu = {"index": 0, "name": "A100", "busy": 0.01, "memory_mb": 1.0, "memory_total_mb": 2.0}
    told = {"at": now - age, "gpus": [gpu], "gpu_busy_share": 0.4, "gpu_idle_since": now - 900}
    (laid.path / "alive.json").write_text(json.dumps(alive))
    (laid.path / "gpus.json").write_text(json.dumps(told))
    seen = laid.usage
    assert seen is not None
    assert (bool(seen.gpus), seen.gpu_idle_since is not None) == (known, known)
    assert seen.gpu_busy_share == 0.4


def test_a_driver_that_does_not_answer_once_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert gpus.seen() == []


def test_a_script_is_asked_to_stop_by_the_signal_of_its_recipe_in_the_folder_it_names(
    tmp_path: Path,
) -> None:
    script = (
        "import os, signal, sys, time\n"
        "place = os.environ['COUNTERSIGN_CHECKPOINT_DIR']\n"
        "def leave(*_): open(place + '/step', 'w').write('7'); sys.exit(143)\n"
        "signal.signal(signal.SIGUSR1, leave); print('ready', flush=True); time.sleep(30)\n"
    )
    (tmp_path / "state").mkdir()
    spec = AttemptSpec(
        "t1-1", "t1", 1, (sys.executable, "-I", "-S", "-c", script), tmp_path, grace_seconds=5.0,
        checkpoint="state", stop_signal="SIGUSR1",
    )  # fmt: skip
    folder = AttemptFolder.of(spec)
    folder.lay(spec)
    process = subprocess.Popen(folder.entry(sys.executable))
    until = time.monotonic() + 10
    while not folder.log(0, 5) and time.monotonic() < until:
        time.sleep(0.05)
    folder.stop("Enough.")
    process.wait(10)
    ended = folder.exit
    assert ended is not None
    assert (ended.state, ended.exit_code, ended.reason) == ("cancelled", 143, "Enough.")
    assert (tmp_path / "state" / "step").read_text() == "7"
