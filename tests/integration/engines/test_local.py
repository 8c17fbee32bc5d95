"""The engine of this machine: the conformance suite, and what only it promises."""

import json
import os
import platform
import random
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from services.cli.children import end
from services.kernel.error import InvalidInput, SourceUnavailable
from services.workflows.engine.local import leaving, processes
from services.workflows.engine.local.engine import LocalEngine
from services.workflows.engine.local.place import STANDING, Place
from services.workflows.engine.types import (
    AttemptSpec,
    EngineState,
    GpuUse,
    Handle,
    Resources,
    Status,
)
from services.workflows.retraining.ports import Parts
from tests.integration.engines.conformance import Conformance, told
from tests.integration.engines.rig import TRACE, Rig, first_words, is_alive

CPUS = 4


def build(home: str) -> LocalEngine:
    """Return a new adapter for a folder."""
    return LocalEngine(Path(home), cpus=CPUS)


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.setenv("COUNTERSIGN_TEST_GPUS", "2")
    return Rig(
        factory="tests.integration.engines.test_local:build",
        arguments={"home": str(tmp_path / "local")},
        folder=tmp_path,
        whole=Resources(cpus=CPUS, memory_gb=1, seconds=60),
        gpus=2,
    )


class TestConformance(Conformance):
    """The whole suite."""


def place(handle: Handle) -> Place:
    """Return the folder of an attempt."""
    return Place(handle.ref.partition(":")[2])


def supervisor(rig: Rig, handle: Handle, phase: str = "running") -> int:
    """Return the process that watches an attempt, once that is in a phase."""
    rig.until(handle, lambda status: status.state.value == phase)
    return int((place(handle).read(STANDING) or {})["supervisor"])


class TestLocal:
    """What dies, and what goes on."""

    @pytest.fixture(autouse=True)
    def _leaves_nothing_behind(self, rig: Rig) -> Iterator[None]:
        yield
        assert rig.none_left(), rig.left()

    def test_with_a_killed_supervisor_all_that_it_watched_ends(self, rig: Rig) -> None:
        spec, engine = rig.spec("family 60"), rig.engine()
        handle = engine.submit(spec)
        rig.printed(handle, "family")
        script = int((place(handle).read(STANDING) or {})["script"])
        os.kill(supervisor(rig, handle), signal.SIGKILL)
        lost = rig.over(handle)
        assert lost.state is EngineState.LOST
        assert lost.reason == "Its supervisor vanished; nothing of it runs any more."
        assert not is_alive(script)
        assert rig.left() == []
        assert lost.usage is not None
        assert lost.finished_at == lost.usage.at
        assert engine.submit(spec) == handle
        time.sleep(0.3)
        assert rig.engine().poll(handle) == lost
        assert rig.left() == []

    def test_a_script_dies_with_its_supervisor_before_anybody_looks(self, rig: Rig) -> None:
        handle = rig.engine().submit(rig.spec("wait 60"))
        pid = int(str(told(rig.printed(handle, "pid"), "pid")[0]))
        os.kill(supervisor(rig, handle), signal.SIGKILL)
        end = time.monotonic() + 1
        while is_alive(pid) and time.monotonic() < end:
            time.sleep(0.01)
        assert not is_alive(pid)

    def test_what_was_lost_is_gone_on_with_from_its_checkpoint(self, rig: Rig) -> None:
        spec, engine = rig.spec("steps 6"), rig.engine()
        handle = engine.submit(spec)
        rig.printed(handle, '"step": 2')
        os.kill(supervisor(rig, handle), signal.SIGKILL)
        assert rig.over(handle).state is EngineState.LOST
        reached = json.loads((spec.folder / "checkpoint" / "step.json").read_text())
        second = engine.submit(rig.spec("steps 6", spec.folder, number=2))
        assert rig.over(second).state is EngineState.SUCCEEDED
        assert told(rig.log(second), "resumed_from") == [reached]

    def test_the_next_holder_ends_what_the_dead_left_on_a_gpu(self, rig: Rig) -> None:
        """Nobody asked how the lost one stands: the next attempt finds its mark in the lease."""
        both = Resources(cpus=1, memory_gb=1, gpus=2, seconds=60)
        engine = rig.engine()
        first = engine.submit(rig.spec("family 60", resources=both))
        family = told(rig.printed(first, "family"), "family")[0]
        assert isinstance(family, list)
        os.kill(supervisor(rig, first), signal.SIGKILL)
        second = engine.submit(rig.spec("wait 0", resources=both))
        assert rig.over(second).state is EngineState.SUCCEEDED
        assert [pid for pid in family if is_alive(pid)] == []
        assert rig.over(first).state is EngineState.LOST

    def test_a_script_goes_on_when_all_of_the_worker_is_killed(self, rig: Rig) -> None:
        caller = rig.submit_elsewhere(rig.spec("steps 8"))
        handle = first_words(caller)
        script = int((place(handle).read(STANDING) or {}).get("script", 0))
        watching = supervisor(rig, handle)
        os.killpg(caller.pid, signal.SIGKILL)
        caller.communicate()
        time.sleep(0.2)
        assert is_alive(watching)
        assert os.getpgid(watching) != caller.pid
        assert os.getsid(watching) != os.getsid(os.getpid())
        assert script == 0 or is_alive(script)
        assert rig.over(handle).state is EngineState.SUCCEEDED

    def test_what_lost_its_folder_ends(self, rig: Rig) -> None:
        """Whoever cleans up behind a ticket leaves nothing running that nobody can find again."""
        spec, engine = rig.spec("family 60"), rig.engine()
        handle = engine.submit(spec)
        rig.printed(handle, "family")
        watching = supervisor(rig, handle)
        shutil.rmtree(spec.folder)
        assert rig.none_left()
        assert rig.engine().poll(handle).state is EngineState.LOST
        end = time.monotonic() + rig.patience
        while is_alive(watching) and time.monotonic() < end:
            time.sleep(0.02)
        assert not is_alive(watching)

    def test_a_folder_may_be_taken_away_while_somebody_asks(self, rig: Rig) -> None:
        engine = rig.engine()
        for n in range(300):
            folder = rig.folder / f"gone-{n}" / "attempts" / "gone"
            folder.mkdir(parents=True)
            handle = Handle("local", "gone", f"{platform.node()}:{folder}")
            cleaner = threading.Thread(target=shutil.rmtree, args=(rig.folder / f"gone-{n}", True))
            cleaner.start()
            engine.cancel(handle, "Not any more.")
            assert engine.poll(handle).state in (
                EngineState.CANCELLED, EngineState.LOST, EngineState.PENDING,
            )  # fmt: skip
            assert engine.logs(handle, 0) == (b"", 0)
            cleaner.join()

    def test_a_full_disk_is_waited_for(self, rig: Rig) -> None:
        """A folder in place of the file that is written first stands in for a disk without room."""
        handle = rig.engine().submit(rig.spec("wait 0.3"))
        aside = Path(place(handle).path(f"exit.json.{supervisor(rig, handle)}"))
        aside.mkdir()
        time.sleep(1)
        assert rig.engine().poll(handle).state is EngineState.RUNNING
        aside.rmdir()
        assert rig.over(handle).state is EngineState.SUCCEEDED

    def test_attempts_of_one_job_never_run_beside_each_other(self, rig: Rig) -> None:
        engine, first = rig.engine(), rig.spec("wait 0.4")
        handles = [engine.submit(rig.spec("wait 0.4", first.folder, number=n)) for n in (1, 2, 3)]
        spans = sorted(span(rig.over(each)) for each in handles)
        assert all(before[1] <= after[0] for before, after in pairwise(spans))

    def test_who_is_declared_lost_does_not_start_late(self, rig: Rig) -> None:
        """The end is written under the lock that a supervisor must take."""
        spec = rig.spec("once")
        folder = _attempt(spec)
        folder.mkdir(parents=True)
        handle = Handle("local", spec.attempt_id, f"{platform.node()}:{folder}")
        assert rig.engine().poll(handle).state is EngineState.PENDING
        long_ago = time.time() - 60
        os.utime(folder / "lock", (long_ago, long_ago))
        lost = rig.engine().poll(handle)
        assert (lost.state, lost.reason) == (EngineState.LOST, "It was never started.")
        assert rig.engine().submit(spec) == handle
        come_late(rig, spec)
        time.sleep(0.3)
        assert rig.engine().poll(handle) == lost
        assert not (spec.folder / "out" / "ran").exists()

    def test_who_begins_twice_begins_nothing(self, rig: Rig) -> None:
        """A second supervisor, late by any time, finds that there was one."""
        spec = rig.spec("wait 60")
        handle = rig.engine().submit(spec)
        rig.printed(handle, "pid")
        come_late(rig, spec)
        os.kill(supervisor(rig, handle), signal.SIGKILL)
        come_late(rig, spec)
        assert rig.over(handle).state is EngineState.LOST
        come_late(rig, spec)
        time.sleep(0.3)
        assert len((spec.folder / "out" / "ran").read_text().splitlines()) == 1

    def test_what_was_cancelled_before_its_supervisor_came_never_runs(self, rig: Rig) -> None:
        spec = rig.spec("once")
        folder = _attempt(spec)
        folder.mkdir(parents=True)
        handle = Handle("local", spec.attempt_id, f"{platform.node()}:{folder}")
        rig.engine().cancel(handle, "Not any more.")
        assert rig.engine().submit(spec) == handle
        ended = rig.engine().poll(handle)
        assert (ended.state, ended.reason) == (EngineState.CANCELLED, "Not any more.")
        assert not (spec.folder / "out" / "ran").exists()

    def test_supervisors_killed_at_any_moment_never_let_two_run(self, rig: Rig) -> None:
        """Many polls, submits and kills at once; the script says when it began and when it ended."""
        generator, folder = random.Random(4), rig.job()
        state = EngineState.UNKNOWN
        for number in range(1, 40):
            if number > 16 and state is EngineState.SUCCEEDED:
                break
            spec = rig.spec("alone 0.15", folder, number=number)
            callers = [threading.Thread(target=rig.engine().submit, args=(spec,)) for _ in range(2)]
            for each in callers:
                each.start()
            handle = Handle("local", spec.attempt_id, f"{platform.node()}:{_attempt(spec)}")
            time.sleep(generator.uniform(0, 0.15))
            pid = (place(handle).read(STANDING) or {}).get("supervisor")
            if pid and number % 8:
                processes.end(pid, signal.SIGKILL)
            for each in callers:
                each.join()
            state = rig.over(handle).state
            assert state in (EngineState.LOST, EngineState.SUCCEEDED)
        assert state is EngineState.SUCCEEDED
        assert not (folder / "out" / "overlapped").exists()

    def test_a_machine_that_stops_lets_the_script_write_its_checkpoint(self, rig: Rig) -> None:
        spec = rig.spec("steps 500")
        handle = rig.engine().submit(spec)
        rig.printed(handle, '"step": 1')
        os.kill(supervisor(rig, handle), signal.SIGTERM)
        ended = rig.over(handle)
        assert (ended.state, ended.exit_code) == (EngineState.FAILED, 143)
        assert ended.preempted
        assert (spec.folder / "checkpoint" / "step.json").exists()


class TestLeaving:
    """What is stopped with the whole console."""

    def test_all_that_trains_writes_its_checkpoint_and_ends(self, rig: Rig) -> None:
        engine, specs = rig.engine(), [rig.spec("steps 500"), rig.spec("steps 500")]
        handles = [engine.submit(each) for each in specs]
        waits = engine.submit(rig.spec("steps 500", specs[0].folder, number=2))
        for each in handles:
            rig.printed(each, '"step": 1')
        said: list[str] = []
        end([], rig.folder, said.append)
        assert said == ["Training writes its checkpoint, and goes on from there at the next start"]
        for handle, spec in zip(handles, specs, strict=True):
            ended = engine.poll(handle)
            assert (ended.state, ended.preempted) == (EngineState.FAILED, True)
            assert (spec.folder / "checkpoint" / "step.json").exists()
        never = engine.poll(waits)
        assert (never.preempted, never.started_at) == (True, None)
        assert leaving.ask(rig.folder) == 0
        assert rig.none_left()

    def test_what_does_not_end_by_itself_is_ended(self, rig: Rig) -> None:
        handle = rig.engine().submit(rig.spec("stubborn", grace_seconds=60))
        rig.printed(handle, "deaf")
        assert leaving.end(rig.folder, time.monotonic() + 0.5) == 1
        assert rig.none_left()
        assert rig.over(handle).state is EngineState.LOST

    def test_the_console_looks_where_tickets_are(self, rig: Rig) -> None:
        jobs = rig.folder / "jobs"
        assert (
            Parts.folder(cast("Parts", SimpleNamespace(jobs=jobs)), "ticket")
            == jobs / "tickets" / "ticket"
        )


class TestLimits:
    """What an attempt may use."""

    @pytest.mark.parametrize(
        ("mode", "says"),
        [("hold 600", "more than its 0.2 GB"), ("take 3000", "exit code 1")],
    )
    def test_memory_has_a_limit(self, rig: Rig, mode: str, says: str) -> None:
        scarce = Resources(cpus=1, memory_gb=0.2, seconds=60)
        handle = rig.engine().submit(rig.spec(mode, resources=scarce))
        ended = rig.over(handle)
        assert ended.state is EngineState.FAILED
        assert says in ended.reason
        assert ended.usage is not None
        assert ended.usage.peak_memory_mb is not None
        assert ended.usage.peak_memory_mb < 1200

    def test_use_is_told_while_it_runs(self, rig: Rig) -> None:
        engine = rig.engine()
        handle = engine.submit(rig.spec("burn 60"))
        seen = rig.until(handle, lambda s: s.usage is not None and (s.usage.cpu_seconds or 0) > 0.5)
        assert seen.state is EngineState.RUNNING
        assert seen.usage is not None
        assert seen.usage.peak_memory_mb is not None
        assert 3 < seen.usage.peak_memory_mb < 100
        engine.cancel(handle, "Enough.")
        ended = rig.over(handle).usage
        assert ended is not None
        assert ended.cpu_seconds is not None
        assert ended.cpu_seconds >= (seen.usage.cpu_seconds or 0)

    def test_a_grandchild_that_takes_memory_counts(self, rig: Rig) -> None:
        scarce = Resources(cpus=1, memory_gb=0.2, seconds=60)
        ended = rig.over(rig.engine().submit(rig.spec("hold_below 600", resources=scarce)))
        assert (ended.state, "0.2 GB" in ended.reason) == (EngineState.FAILED, True)

    def test_a_script_knows_nothing_of_its_surroundings(self, rig: Rig) -> None:
        handle = rig.engine().submit(rig.spec("environment"))
        rig.over(handle)
        seen = told(rig.log(handle), "environment")[0]
        assert isinstance(seen, dict)
        assert set(seen) - {"OPENBLAS_CORETYPE", "LC_CTYPE"} == {
            "PATH", "HOME", "LANG", "PYTHONUNBUFFERED", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER",
            "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
            "COUNTERSIGN_JOB_DIR", "COUNTERSIGN_JOB_ID", "COUNTERSIGN_JOB_ATTEMPT", "COUNTERSIGN_JOB_MARK",
            "COUNTERSIGN_CHECKPOINT_DIR", "COUNTERSIGN_STOP_SIGNAL", TRACE,
        }  # fmt: skip
        assert (seen["CUDA_VISIBLE_DEVICES"], seen["OMP_NUM_THREADS"]) == ("", "1")

    def test_no_secret_of_a_script_is_written_down(self, rig: Rig) -> None:
        spec = rig.spec("once")
        secret = "mlflow-password-of-a-test"
        handle = rig.engine().submit(
            replace(spec, environment={**spec.environment, "MLFLOW_TRACKING_PASSWORD": secret})
        )
        rig.over(handle)
        files = [each for each in rig.folder.rglob("*") if each.is_file()]
        assert len(files) > 5
        assert [each for each in files if secret.encode() in each.read_bytes()] == []

    def test_another_machine_is_not_spoken_for(self, rig: Rig) -> None:
        handle = Handle("local", "a-1", "another-host:/nowhere/attempts/a-1")
        status = rig.engine().poll(handle)
        assert status.state is EngineState.UNKNOWN
        assert "another-host" in status.reason
        with pytest.raises(SourceUnavailable):
            rig.engine().logs(handle, 0)
        with pytest.raises(SourceUnavailable):
            rig.engine().cancel(handle, "Please.")

    @pytest.mark.parametrize("attempt_id", ["", "../a", "a/b", ".hidden", "x" * 101])
    def test_an_id_is_no_path(self, rig: Rig, attempt_id: str) -> None:
        with pytest.raises(InvalidInput):
            rig.engine().submit(rig.spec("once", attempt_id=attempt_id))

    def test_a_command_that_is_not_there_is_told(self, rig: Rig) -> None:
        handle = rig.engine().submit(rig.spec("once", command=("no-such-program",)))
        ended = rig.over(handle)
        assert (ended.state, ended.exit_code) == (EngineState.FAILED, 127)
        assert rig.log(handle) == "no-such-program: No such file or directory\n"

    def test_a_type_of_gpu_that_is_not_there_is_refused(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COUNTERSIGN_TEST_GPUS", "1:NVIDIA H100 80GB")
        engine = rig.engine()
        assert engine.capabilities.gpu_type == "NVIDIA H100 80GB"
        with pytest.raises(InvalidInput) as refused:
            engine.submit(rig.spec("once", resources=Resources(gpus=1, gpu_type="A100")))
        assert "1 GPUs of type A100 are wanted and this machine has 0" in refused.value.message
        fitting = Resources(gpus=1, gpu_type="h100", memory_gb=1, seconds=60)
        handle = engine.submit(rig.spec("wait 0", resources=fitting))
        assert rig.over(handle).state is EngineState.SUCCEEDED

    def test_a_supervisor_is_small(self, rig: Rig) -> None:
        engine = rig.engine()
        handle = engine.submit(rig.spec("wait 60"))
        pid = supervisor(rig, handle)
        time.sleep(1.2)
        status = Path(f"/proc/{pid}/status").read_text()
        assert int(status.partition("VmRSS:")[2].split()[0]) < 20 * 1024
        engine.cancel(handle, "Enough.")
        rig.over(handle)


def span(ended: Status) -> tuple[datetime, datetime]:
    """Return from when to when an attempt ran."""
    assert ended.started_at is not None
    assert ended.finished_at is not None
    return ended.started_at, ended.finished_at


def come_late(rig: Rig, spec: AttemptSpec) -> None:
    """Start a supervisor that was asked for before, by somebody who looked at nothing."""
    engine, folder = build(**rig.arguments), _attempt(spec)
    engine.begin(spec, folder)


def _attempt(spec: AttemptSpec) -> Path:
    return spec.folder / "attempts" / spec.attempt_id


DRIVER = """
from types import SimpleNamespace
from typing import cast

class NVMLError(Exception):
    pass

def nvmlInit(): pass
def nvmlDeviceGetHandleByIndex(index): return index
def nvmlDeviceGetName(handle): return "NVIDIA Test"
def nvmlDeviceGetMemoryInfo(handle): return SimpleNamespace(used=2**20, total=2**30)
def nvmlDeviceGetUtilizationRates(handle): return SimpleNamespace(gpu=[90, 4][handle])
def nvmlDeviceGetPowerUsage(handle): raise NVMLError
"""


class TestGpus:
    """What a driver says reaches the status of an attempt; here its library is stood in for."""

    @pytest.mark.parametrize(("index", "busy", "is_idle"), [(0, 0.9, False), (1, 0.04, True)])
    def test_what_a_gpu_says_is_told(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch, *, index: int, busy: float, is_idle: bool
    ) -> None:
        monkeypatch.delenv("COUNTERSIGN_TEST_GPUS")
        library = rig.folder / "library"
        library.mkdir()
        (library / "pynvml.py").write_text(DRIVER)
        engine = LocalEngine(
            Path(rig.arguments["home"]), gpu_names={index: "NVIDIA Test"}, driver=str(library)
        )
        one = Resources(cpus=1, memory_gb=1, gpus=1, seconds=60)
        handle = engine.submit(rig.spec("wait 0.6", resources=one))
        usage = rig.over(handle).usage
        assert usage is not None
        seen = GpuUse(index, "NVIDIA Test", busy, 1.0, 1024.0)
        assert (usage.gpus, usage.gpu_busy_share) == ((seen,), busy)
        assert (usage.gpu_idle_since is not None) is is_idle
        assert (usage.gpu_idle_share, usage.gpu_memory_peak) == (float(is_idle), 1 / 1024)
        assert usage.gpu_seconds == pytest.approx(usage.wall_seconds)

    def test_of_a_gpu_that_nobody_looked_at_nothing_is_said(self, rig: Rig) -> None:
        one = Resources(cpus=1, memory_gb=1, gpus=1, seconds=60)
        usage = rig.over(rig.engine().submit(rig.spec("wait 0.6", resources=one))).usage
        assert usage is not None
        assert (usage.gpus, usage.gpu_busy_share, usage.gpu_idle_since) == ((), None, None)
