"""Slurm, a real one of this machine: the conformance suite, and what only Slurm does."""

import json
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.kernel.clock import SystemClock
from services.kernel.error import InvalidInput, SourceUnavailable
from services.standards.engine.rules import checked
from services.standards.engine.types import Connection, EngineForm, EngineKind
from services.workflows.engine.attended import AttendedEngine
from services.workflows.engine.slurm_adapter import SlurmScheduler
from services.workflows.engine.types import EngineState, Handle, Resources
from tests.integration.engines.conformance import Conformance, told
from tests.integration.engines.rig import Rig
from tests.support.clustered import forge_on, killed_and_registered
from tests.support.slurm import CPUS, GPUS, Slurm, slurm_cluster

pytestmark = [pytest.mark.xdist_group("slurm"), pytest.mark.timeout(300)]


def build(conf: str, **parts: str) -> AttendedEngine:
    """Return a new adapter for a cluster."""
    address = {"partition": "train", "gpus": str(GPUS), **parts}
    connection = Connection("slurm", EngineKind.SLURM, address, {})
    scheduler = SlurmScheduler(connection, {**os.environ, "SLURM_CONF": conf})
    return AttendedEngine(connection, scheduler, SystemClock())


@pytest.fixture(scope="module")
def cluster() -> Iterator[Slurm]:
    with slurm_cluster() as made:
        yield made


@pytest.fixture
def rig(cluster: Slurm, tmp_path: Path) -> Rig:
    return Rig(
        factory="tests.integration.engines.test_slurm:build",
        arguments={"conf": cluster.conf},
        folder=tmp_path,
        whole=Resources(cpus=CPUS, memory_gb=1, seconds=60),
        gpus=GPUS,
        patience=40.0,
    )


class TestConformance(Conformance):
    """The whole suite."""


def submitted(rig: Rig, mode: str, **changes: Any) -> Handle:
    handle = rig.engine().submit(rig.spec(mode, **changes))
    rig.printed(handle, '"step": 1')
    return handle


def number(handle: Handle) -> str:
    return str(json.loads(handle.ref)["ref"])


def test_who_is_preempted_says_so_and_goes_on_as_another_attempt(rig: Rig, cluster: Slurm) -> None:
    spec = rig.spec("steps 60", resources=rig.whole)
    engine = rig.engine()
    first = engine.submit(spec)
    rig.printed(first, '"step": 3')
    urgent = build(cluster.conf, partition="urgent")
    other = urgent.submit(rig.spec("steps 1", resources=rig.whole))
    ended = rig.over(first)
    assert ended.state is EngineState.LOST
    assert ended.preempted
    assert "priority" in ended.reason
    assert told(rig.log(first), "left_at")
    second = engine.submit(rig.spec("steps 60", spec.folder, number=2, resources=rig.whole))
    assert rig.over(second).state is EngineState.SUCCEEDED
    assert told(rig.log(second), "resumed_from") == told(rig.log(first), "left_at")
    assert rig.over(other).state is EngineState.SUCCEEDED
    assert engine.poll(first) == ended


def test_what_an_administrator_of_the_cluster_cancels_is_cancelled(
    rig: Rig, cluster: Slurm
) -> None:
    handle = submitted(rig, "steps 500")
    cluster.ask("scancel", number(handle))
    ended = rig.over(handle)
    assert ended.state is EngineState.CANCELLED
    assert "cancelled in Slurm" in ended.reason
    assert told(rig.log(handle), "left_at")


def test_an_attendant_that_is_killed_is_lost_and_leaves_nothing(rig: Rig) -> None:
    handle = submitted(rig, "steps 500")
    begun = Path(json.loads(handle.ref)["folder"]) / "begun.json"
    os.kill(json.loads(begun.read_text())["pid"], signal.SIGKILL)
    ended = rig.over(handle)
    assert ended.state is EngineState.LOST
    assert ended.reason
    assert rig.none_left()


def test_a_submission_that_was_not_noted_is_found_by_its_name(rig: Rig, cluster: Slurm) -> None:
    spec = rig.spec("steps 5")
    first = rig.engine().submit(spec)
    (Path(json.loads(first.ref)["folder"]) / "submitted.json").unlink()
    assert rig.engine().submit(spec) == first
    assert rig.over(first).state is EngineState.SUCCEEDED
    jobs = cluster.ask("squeue", "--noheader", "--states=all", f"--name={spec.attempt_id}")
    assert len(jobs.splitlines()) == 1


def test_what_slurm_never_runs_is_refused_in_its_own_words(rig: Rig, cluster: Slurm) -> None:
    elsewhere = build(cluster.conf, partition="nowhere")
    with pytest.raises(InvalidInput, match="partition"):
        elsewhere.submit(rig.spec("once"))
    with pytest.raises(InvalidInput, match="no partition 'nowhere'"):
        elsewhere.trial()
    many = build(cluster.conf, gpus="")
    with pytest.raises(InvalidInput, match="not available"):
        many.submit(rig.spec("once", resources=Resources(gpus=GPUS + 1)))
    odd = rig.spec("once", resources=Resources(gpus=1, gpu_type="a100"))
    with pytest.raises(InvalidInput):
        many.submit(odd)


def test_a_trial_says_what_the_partition_has(rig: Rig, cluster: Slurm) -> None:
    del rig
    assert build(cluster.conf).trial() == f"Slurm answers; nodes: 1 with gpu:{GPUS}."


def test_a_controller_that_is_away_is_unknown_and_never_failed(rig: Rig, tmp_path: Path) -> None:
    handle = submitted(rig, "steps 500")
    away = tmp_path / "away.conf"
    conf = Path(rig.arguments["conf"]).read_text()
    away.write_text(re.sub(r"SlurmctldPort=\d+", "SlurmctldPort=1", conf) + "MessageTimeout=2\n")
    blind = build(str(away))
    assert blind.poll(handle).state is EngineState.UNKNOWN
    assert blind.poll(handle).reason
    with pytest.raises(SourceUnavailable):
        blind.submit(rig.spec("once"))
    blind.cancel(handle, "Enough.")
    assert rig.over(handle).state is EngineState.CANCELLED


def test_a_ticket_is_trained_on_slurm_through_a_kill_and_registered_once(
    cluster: Slurm, tmp_path: Path, mlflow_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLURM_CONF", cluster.conf)
    connection = checked(EngineForm("slurm", EngineKind.SLURM, {"partition": "train"}))
    with forge_on(connection, "on-slurm", tmp_path, mlflow_url) as forge:
        killed_and_registered(forge, "on-slurm")
