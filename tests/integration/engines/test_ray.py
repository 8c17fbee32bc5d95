"""Ray, a real one of this machine: the conformance suite, and what only Ray does."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.kernel.clock import SystemClock
from services.kernel.error import InvalidInput, SourceUnavailable
from services.workflows.engine.attended import AttendedEngine
from services.workflows.engine.ray_adapter import RayScheduler
from services.workflows.engine.types import EngineState, Handle, Resources
from tests.integration.engines.conformance import Conformance, told
from tests.integration.engines.rig import Rig
from tests.support.clustered import forge_on, killed_and_registered
from tests.support.ray import CPUS, GPUS, RayHead, ray_head

pytestmark = [pytest.mark.xdist_group("ray"), pytest.mark.timeout(300)]


def build(url: str, token: str, **parts: str) -> AttendedEngine:
    """Return a new adapter for a head."""
    connection = RayHead(url, token, None).connection(**{"gpus": str(GPUS)} | parts)  # type: ignore[arg-type]
    return AttendedEngine(connection, RayScheduler(connection), SystemClock())


@pytest.fixture(scope="module")
def head() -> Iterator[RayHead]:
    with ray_head() as made:
        yield made


@pytest.fixture
def rig(head: RayHead, tmp_path: Path) -> Rig:
    return Rig(
        factory="tests.integration.engines.test_ray:build",
        arguments={"url": head.url, "token": head.token},
        folder=tmp_path,
        whole=Resources(cpus=CPUS, memory_gb=1, seconds=60),
        gpus=GPUS,
        patience=60.0,
    )


class TestConformance(Conformance):
    """The whole suite."""


def running(rig: Rig, mode: str = "steps 500", **changes: Any) -> Handle:
    handle = rig.engine().submit(rig.spec(mode, **changes))
    rig.printed(handle, '"step": 2')
    return handle


def status_in_ray(head: RayHead, handle: Handle) -> str:
    """Return what Ray itself says of a job."""
    headers = {"Authorization": f"Bearer {head.token}"}
    answer = httpx.get(f"{head.url}/api/jobs/{handle.attempt_id}", headers=headers, timeout=10)
    return str(answer.json()["status"])


def test_what_no_node_has_room_for_is_refused_before_ray_hears_of_it(
    rig: Rig, head: RayHead
) -> None:
    asked = build(head.url, head.token, gpus="")
    assert asked.capabilities.gpus is None
    spec = rig.spec("once", resources=Resources(gpus=GPUS + 1))
    with pytest.raises(InvalidInput, match=f"the largest has {GPUS} GPUs"):
        asked.submit(spec)
    with pytest.raises(InvalidInput, match="No node"):
        asked.submit(rig.spec("once", resources=Resources(cpus=CPUS + 1)))
    with pytest.raises(InvalidInput, match="No node"):
        asked.submit(rig.spec("once", resources=Resources(gpus=1, gpu_type="H100")))
    assert not (spec.folder / "attempts").exists()


def test_what_ray_cannot_stop_while_it_waits_is_called_off_all_the_same(
    rig: Rig, head: RayHead
) -> None:
    growing = build(head.url, head.token, gpus="8")
    handle = growing.submit(rig.spec("once", resources=Resources(cpus=1, memory_gb=1, gpus=8)))
    rig.until(handle, lambda _: status_in_ray(head, handle) == "PENDING")
    assert growing.poll(handle).state is EngineState.PENDING
    growing.cancel(handle, "Not wanted.")
    ended = growing.poll(handle)
    assert (ended.state, ended.reason) == (EngineState.CANCELLED, "Not wanted.")
    assert status_in_ray(head, handle) == "PENDING"


def test_a_dashboard_that_hangs_is_unknown_and_never_failed(
    rig: Rig, head: RayHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = running(rig)
    monkeypatch.setattr("services.workflows.engine.wire.IN_ALL", 0.5)
    dashboard = head.dashboard()
    os.kill(dashboard, signal.SIGSTOP)
    try:
        seen = rig.engine().poll(handle)
        with pytest.raises(SourceUnavailable):
            rig.engine().submit(rig.spec("once"))
        rig.engine().cancel(handle, "Enough.")
    finally:
        os.kill(dashboard, signal.SIGCONT)
    assert (seen.state, bool(seen.reason)) == (EngineState.UNKNOWN, True)
    monkeypatch.undo()
    assert rig.over(handle).state is EngineState.CANCELLED
    assert told(rig.log(handle), "left_at")


def test_an_attendant_that_is_killed_is_lost_and_leaves_nothing(rig: Rig) -> None:
    handle = running(rig)
    begun = Path(json.loads(handle.ref)["folder"]) / "begun.json"
    os.kill(json.loads(begun.read_text())["pid"], signal.SIGKILL)
    ended = rig.over(handle)
    assert ended.state is EngineState.LOST
    assert ended.reason
    assert rig.none_left()
    assert rig.engine().poll(handle) == ended


def test_what_somebody_stops_in_ray_is_cancelled(rig: Rig, head: RayHead) -> None:
    handle = running(rig)
    headers = {"Authorization": f"Bearer {head.token}"}
    httpx.post(f"{head.url}/api/jobs/{handle.attempt_id}/stop", headers=headers, timeout=10)
    ended = rig.over(handle)
    assert ended.state is EngineState.CANCELLED
    assert told(rig.log(handle), "left_at")


def test_a_node_that_cannot_begin_it_fails_and_says_what_to_look_at(
    rig: Rig, head: RayHead
) -> None:
    odd = build(head.url, head.token, python="/nowhere/python3")
    handle = odd.submit(rig.spec("once"))
    ended = rig.over(handle)
    assert ended.state is EngineState.FAILED
    assert "shared folder" in odd.poll(handle).reason
    assert "/nowhere/python3" in rig.log(handle)


def test_a_trial_says_what_ray_has_and_what_is_wrong(head: RayHead) -> None:
    words = build(head.url, head.token).trial()
    assert words.startswith("Ray 2.")
    assert words.endswith(f"1 node, {CPUS} CPUs, {GPUS} GPUs.")
    with pytest.raises(SourceUnavailable, match="refuses the token"):
        build(head.url, "0" * 64).trial()


def test_a_ticket_is_trained_on_ray_through_a_kill_and_registered_once(
    head: RayHead, tmp_path: Path, mlflow_url: str
) -> None:
    with forge_on(head.connection(), "on-ray", tmp_path, mlflow_url) as forge:
        killed_and_registered(forge, "on-ray")
