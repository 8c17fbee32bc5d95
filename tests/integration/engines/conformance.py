"""What every engine must do. An adapter passes by a subclass and a fixture ``rig``."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.kernel.error import InvalidInput, SourceUnavailable
from services.workflows.engine.key import AttemptKey
from services.workflows.engine.types import MARK, EngineState, Resources
from tests.integration.engines.rig import Rig, first_words, is_alive, stored


def told(log: str, key: str) -> list[object]:
    """Return what a script reported under a key."""
    reports = [
        json.loads(line.removeprefix(MARK)) for line in log.splitlines() if line.startswith(MARK)
    ]
    return [each[key] for each in reports if key in each]


class Conformance:
    """The port of an engine, call by call."""

    @pytest.fixture(autouse=True)
    def _leaves_nothing_behind(self, rig: Rig) -> Iterator[None]:
        yield
        assert rig.none_left(), rig.left()

    def test_a_script_that_ends_well_has_succeeded(self, rig: Rig) -> None:
        spec = rig.spec("steps 2")
        handle = rig.engine().submit(spec)
        ended = rig.over(handle)
        assert (ended.state, ended.exit_code, ended.reason) == (EngineState.SUCCEEDED, 0, "")
        assert ended.started_at is not None
        assert ended.finished_at is not None
        assert ended.started_at <= ended.finished_at
        assert told(rig.log(handle), "step") == [1, 2]
        assert (spec.folder / "out" / "result.json").exists()
        assert not ended.preempted

    def test_a_script_is_told_what_the_contract_says(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", "a-secret-of-the-console")
        spec = rig.spec("environment")
        given = replace(spec, environment={**spec.environment, "MLFLOW_RUN_ID": "r" * 32})
        handle = rig.engine().submit(given)
        rig.over(handle)
        log = rig.log(handle)
        seen = told(log, "environment")[0]
        assert isinstance(seen, dict)
        assert seen["COUNTERSIGN_JOB_DIR"] == str(spec.folder)
        assert seen["COUNTERSIGN_JOB_ID"] == spec.job_id
        assert seen["COUNTERSIGN_JOB_ATTEMPT"] == "1"
        assert seen["MLFLOW_RUN_ID"] == "r" * 32
        assert "COUNTERSIGN_SECRET_KEY" not in seen
        assert "to the other stream" in log

    def test_the_same_attempt_twice_is_one(self, rig: Rig) -> None:
        spec, engine = rig.spec("once"), rig.engine()
        first, again = engine.submit(spec), engine.submit(spec)
        assert first == again
        rig.over(first)
        assert engine.submit(spec) == first
        assert rig.engine().submit(spec) == first
        time.sleep(0.3)
        assert len((spec.folder / "out" / "ran").read_text().splitlines()) == 1

    def test_an_attempt_whose_handle_was_lost_is_found_again(self, rig: Rig) -> None:
        spec = rig.spec("steps 3")
        key = AttemptKey(spec.attempt_id, spec.folder)
        assert rig.engine().find(key) is None
        handle = rig.engine().submit(spec)
        assert rig.engine().find(key) == handle
        rig.over(handle)
        assert rig.engine().find(key) == handle

    def test_two_processes_that_submit_it_at_once_start_it_once(self, rig: Rig) -> None:
        spec = rig.spec("once")
        both = [rig.submit_elsewhere(spec) for _ in range(2)]
        try:
            handles = [first_words(each) for each in both]
        finally:
            for each in both:
                each.kill()
                each.communicate()
        assert handles[0] == handles[1]
        assert rig.over(handles[0]).state is EngineState.SUCCEEDED
        assert len((spec.folder / "out" / "ran").read_text().splitlines()) == 1

    def test_a_log_is_read_piece_by_piece(self, rig: Rig) -> None:
        engine = rig.engine()
        handle = engine.submit(rig.spec("steps 3"))
        text, offset = b"", 0
        end = time.monotonic() + rig.patience
        while not engine.poll(handle).state.is_over and time.monotonic() < end:
            found, now = engine.logs(handle, offset, limit=7)
            assert len(found) <= 7
            assert now == offset + len(found)
            text, offset = text + found, now
        while (piece := engine.logs(handle, offset, limit=7))[0]:
            text, offset = text + piece[0], piece[1]
        assert text.decode() == rig.log(handle)
        assert engine.logs(handle, offset) == (b"", offset)
        assert told(text.decode(), "step") == [1, 2, 3]

    def test_a_cancelled_script_writes_its_checkpoint_first(self, rig: Rig) -> None:
        folder = rig.job()
        (folder / "kept" / "here").mkdir(parents=True)
        wants = {"checkpoint": "kept/here", "stop_signal": "SIGUSR1"}
        spec, engine = rig.spec("steps 500", folder, **wants), rig.engine()
        handle = engine.submit(spec)
        rig.printed(handle, '"step": 2')
        assert engine.poll(handle).state is EngineState.RUNNING
        engine.cancel(handle, "Nobody wants it any more.")
        ended = rig.over(handle)
        assert ended.state is EngineState.CANCELLED
        assert "Nobody wants it any more." in ended.reason
        left_at = told(rig.log(handle), "left_at")
        assert left_at == [json.loads((folder / "kept" / "here" / "step.json").read_text())]
        engine.cancel(handle, "Again.")
        assert rig.engine().poll(handle) == ended

    def test_a_script_that_does_not_listen_is_ended_after_its_grace(self, rig: Rig) -> None:
        engine = rig.engine()
        handle = engine.submit(rig.spec("stubborn", grace_seconds=0.5))
        rig.printed(handle, "deaf")
        engine.cancel(handle, "Enough.")
        assert rig.over(handle).state is EngineState.CANCELLED

    def test_what_waits_is_cancelled_for_certain(self, rig: Rig) -> None:
        engine = rig.engine()
        assert engine.capabilities.stops_pending
        before = engine.submit(rig.spec("wait 60", resources=rig.whole))
        rig.printed(before, "pid")
        spec = rig.spec("wait 60", resources=rig.whole)
        waits = engine.submit(spec)
        time.sleep(0.3)
        assert engine.poll(waits).state is EngineState.PENDING
        engine.cancel(waits, "Not wanted.")
        assert rig.over(waits).state is EngineState.CANCELLED
        engine.cancel(before, "Make room.")
        rig.over(before)
        time.sleep(0.5)
        assert not (spec.folder / "out" / "ran").exists()

    def test_what_waits_runs_when_there_is_room(self, rig: Rig) -> None:
        engine = rig.engine()
        before = engine.submit(rig.spec("wait 0.5", resources=rig.whole))
        spec = rig.spec("wait 0", resources=rig.whole)
        after = engine.submit(spec)
        first, second = rig.over(before), rig.over(after)
        assert second.state is EngineState.SUCCEEDED
        assert first.finished_at is not None
        assert second.started_at is not None
        assert second.started_at >= first.finished_at

    def test_a_killed_script_is_gone_on_with_by_another_attempt(self, rig: Rig) -> None:
        spec, engine = rig.spec("steps 6"), rig.engine()
        handle = engine.submit(spec)
        rig.printed(handle, '"step": 2')
        for pid in rig.left():
            if b"script.py" in _command(pid):
                os.kill(pid, signal.SIGKILL)
        ended = rig.over(handle)
        assert ended.state in (EngineState.FAILED, EngineState.LOST)
        assert ended.reason
        reached = json.loads((spec.folder / "checkpoint" / "step.json").read_text())
        second = engine.submit(rig.spec("steps 6", spec.folder, number=2))
        assert second != handle
        assert rig.over(second).state is EngineState.SUCCEEDED
        assert told(rig.log(second), "resumed_from") == [reached]
        assert engine.poll(handle) == ended

    def test_a_new_adapter_goes_on_from_the_stored_handle(self, rig: Rig) -> None:
        spec = rig.spec("steps 8")
        caller = rig.submit_elsewhere(spec)
        handle = first_words(caller)
        rig.printed(handle, '"step": 1')
        os.killpg(caller.pid, signal.SIGKILL)
        caller.communicate()
        found, offset = rig.engine().logs(stored(handle), 0)
        assert rig.over(stored(handle)).state is EngineState.SUCCEEDED
        rest, _ = rig.engine().logs(stored(handle), offset)
        assert told((found + rest).decode(), "step") == list(range(1, 9))

    def test_a_script_has_its_time_and_no_more(self, rig: Rig) -> None:
        assert rig.engine().capabilities.limits_time
        spec = rig.spec("steps 500", resources=Resources(cpus=1, memory_gb=1, seconds=1))
        handle = rig.engine().submit(spec)
        ended = rig.over(handle)
        assert ended.state is EngineState.TIME_LIMIT
        assert ended.reason
        assert told(rig.log(handle), "left_at")

    def test_a_crash_is_told_with_its_code_and_its_last_words(self, rig: Rig) -> None:
        engine = rig.engine()
        crashed, left = engine.submit(rig.spec("crash")), engine.submit(rig.spec("leave 3"))
        assert rig.over(crashed).state is EngineState.FAILED
        assert rig.over(crashed).reason
        assert "this script was made to crash" in rig.log(crashed)
        assert (rig.over(left).state, rig.over(left).exit_code) == (EngineState.FAILED, 3)

    def test_a_flood_is_stopped_and_cut_off(self, rig: Rig) -> None:
        handle = rig.engine().submit(rig.spec("flood", log_limit=100_000))
        ended = rig.over(handle)
        assert ended.state is EngineState.FAILED
        assert "100,000" in ended.reason
        assert 0 < len(rig.log(handle)) <= 100_000

    def test_what_a_script_leaves_behind_is_swept(self, rig: Rig) -> None:
        handle = rig.engine().submit(rig.spec("family 0"))
        assert rig.over(handle).state is EngineState.SUCCEEDED
        family = told(rig.log(handle), "family")[0]
        assert isinstance(family, list)
        assert [pid for pid in family if is_alive(pid)] == []

    def test_what_a_cancelled_script_started_is_swept(self, rig: Rig) -> None:
        engine = rig.engine()
        handle = engine.submit(rig.spec("family 60"))
        family = told(rig.printed(handle, "family"), "family")[0]
        assert isinstance(family, list)
        assert all(map(is_alive, family))
        engine.cancel(handle, "Enough.")
        assert rig.over(handle).state is EngineState.CANCELLED
        assert [pid for pid in family if is_alive(pid)] == []

    def test_of_an_attempt_that_nobody_knows_nothing_is_made_up(self, rig: Rig) -> None:
        engine = rig.engine()
        known = engine.submit(rig.spec("once"))
        rig.over(known)
        handle = replace(known, attempt_id="nobody-1", ref=known.ref.replace(known.attempt_id, "nobody-1"))  # fmt: skip
        status = engine.poll(handle)
        assert status.state in (EngineState.LOST, EngineState.UNKNOWN)
        assert status.reason
        with contextlib.suppress(SourceUnavailable):
            assert engine.logs(handle, 0) == (b"", 0)
        with contextlib.suppress(SourceUnavailable):
            engine.cancel(handle, "Nothing.")
        assert not engine.poll(handle).state.is_over or status.state is EngineState.LOST

    def test_what_was_used_is_told(self, rig: Rig) -> None:
        engine = rig.engine()
        handle = engine.submit(rig.spec("burn 0.6"))
        usage = rig.over(handle).usage
        assert usage is not None
        assert usage.wall_seconds >= 0.5
        assert usage.cpu_seconds is None or 0.5 <= usage.cpu_seconds <= 3
        assert usage.gpu_busy_share is None
        assert usage.gpus == ()

    def test_what_can_never_run_is_refused(self, rig: Rig) -> None:
        engine, spec = rig.engine(), rig.spec("once")
        if engine.capabilities.gpus is not None:
            many = replace(spec, resources=Resources(gpus=engine.capabilities.gpus + 1))
            with pytest.raises(InvalidInput):
                engine.submit(many)
        if not rig.runs_images:
            with pytest.raises(InvalidInput):
                engine.submit(replace(spec, image="registry.example/trainer:1"))
        time.sleep(0.2)
        assert not (spec.folder / "out" / "ran").exists()

    def test_a_gpu_is_held_by_one_attempt_at_a_time(self, rig: Rig) -> None:
        engine = rig.engine()
        assert engine.capabilities.gpus == rig.gpus
        half = Resources(cpus=0.1, memory_gb=1, gpus=1, seconds=60)
        specs = [rig.spec("wait 0.5", resources=half) for _ in range(2 * rig.gpus)]
        handles = [engine.submit(each) for each in specs]
        spans: list[tuple[float, float, str]] = []
        for handle, spec in zip(handles, specs, strict=True):
            ended = rig.over(handle)
            assert ended.state is EngineState.SUCCEEDED
            assert ended.started_at is not None
            assert ended.finished_at is not None
            assert ended.usage is not None
            assert ended.usage.gpu_seconds is None or ended.usage.gpu_seconds >= 0.4
            seen = (spec.folder / "out" / "ran").read_text().splitlines()[0].split()[1]
            spans.append((ended.started_at.timestamp(), ended.finished_at.timestamp(), seen))
        assert {seen for _, _, seen in spans} == {str(n) for n in range(rig.gpus)}
        for began, ended_at, seen in spans:
            others = [s for s in spans if s != (began, ended_at, seen) and s[2] == seen]
            assert all(end <= began or ended_at <= start for start, end, _ in others)


def _command(pid: int) -> bytes:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except OSError:
        return b""
