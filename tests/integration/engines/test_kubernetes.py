"""Kubernetes by contract: a local API server that knows what a Job is, and runs pods as processes."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.kernel.clock import SystemClock
from services.kernel.error import InvalidInput, SourceUnavailable
from services.standards.engine.rules import checked
from services.standards.engine.types import EngineForm, EngineKind
from services.workflows.engine.attended import AttendedEngine
from services.workflows.engine.kubernetes_adapter import KubernetesScheduler, name
from services.workflows.engine.types import EngineState, Handle, Resources
from tests.integration.engines.conformance import Conformance, told
from tests.integration.engines.rig import Rig
from tests.support.kubernetes import CPUS, GPUS, Cluster, kubernetes

pytestmark = pytest.mark.xdist_group("kubernetes")


def build(parts: str) -> AttendedEngine:
    """Return a new adapter; ``parts`` is JSON."""
    form = EngineForm("cluster", EngineKind.KUBERNETES, json.loads(parts), allow_private=True)
    connection = checked(form)
    return AttendedEngine(connection, KubernetesScheduler(connection), SystemClock())


def parts_of(cluster: Cluster, **parts: str) -> str:
    found = cluster.connection(**parts)
    return json.dumps({**found.address, **found.secrets})


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with kubernetes(tmp_path) as made:
        yield made


@pytest.fixture
def rig(cluster: Cluster, tmp_path: Path) -> Rig:
    return Rig(
        factory="tests.integration.engines.test_kubernetes:build",
        arguments={"parts": parts_of(cluster, queue="training")},
        folder=tmp_path,
        whole=Resources(cpus=CPUS, memory_gb=1, seconds=60),
        gpus=GPUS,
        runs_images=True,
        patience=20.0,
    )


class TestConformance(Conformance):
    """The whole suite."""


def job_of(handle: Handle) -> str:
    return str(json.loads(handle.ref)["ref"])


def running(rig: Rig, mode: str = "steps 500", **changes: Any) -> Handle:
    handle = rig.engine().submit(rig.spec(mode, **changes))
    rig.printed(handle, '"step": 2')
    return handle


def test_what_kueue_suspends_was_preempted_and_goes_on_as_another_attempt(
    rig: Rig, cluster: Cluster
) -> None:
    spec = rig.spec("steps 12")
    first = rig.engine().submit(spec)
    rig.printed(first, '"step": 2')
    cluster.preempt(job_of(first))
    ended = rig.over(first)
    assert (ended.state, ended.preempted) == (EngineState.LOST, True)
    assert job_of(first) not in cluster.runs
    second = rig.engine().submit(rig.spec("steps 12", spec.folder, number=2))
    assert rig.over(second).state is EngineState.SUCCEEDED
    assert told(rig.log(second), "resumed_from") == told(rig.log(first), "left_at")


def test_a_pod_that_is_evicted_was_preempted(rig: Rig, cluster: Cluster) -> None:
    handle = running(rig)
    cluster.evict(job_of(handle))
    ended = rig.over(handle)
    assert (ended.state, ended.preempted) == (EngineState.LOST, True)
    assert "node" in ended.reason
    assert rig.engine().poll(handle) == ended


def test_an_image_that_is_not_there_lets_it_wait_and_says_so(rig: Rig, cluster: Cluster) -> None:
    cluster.image_missing = True
    parts = parts_of(cluster)
    handle = build(parts).submit(rig.spec("once"))
    status = build(parts).poll(handle)
    assert (status.state, status.reason) == (
        EngineState.PENDING, "Its container does not start: ImagePullBackOff.",
    )  # fmt: skip
    rig.engine().cancel(handle, "Not wanted.")
    assert rig.over(handle).state is EngineState.CANCELLED


def test_a_node_that_does_not_see_the_volume_fails_with_what_its_pod_printed(
    rig: Rig, cluster: Cluster
) -> None:
    parts = parts_of(cluster, python="/nowhere/python3")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            "services.workflows.engine.attempt_folder.AttemptFolder.entry",
            lambda self, python: (
                "sh",
                "-c",
                f"echo no such volume; exit 2  # {python} {self.path}",
            ),
        )
        handle = build(parts).submit(rig.spec("once"))
    ended = rig.over(handle)
    assert ended.state is EngineState.FAILED
    assert "shared folder" in ended.reason
    assert rig.log(handle) == "no such volume\n"


def test_spot_and_machines_that_stay_are_asked_for_apart(rig: Rig, cluster: Cluster) -> None:
    engine = build(parts_of(cluster, spot="cloud.example.org/spot=true"))
    assert engine.capabilities.has_spot
    assert not rig.engine().capabilities.has_spot
    pods: list[dict[str, Any]] = []
    for spot in (True, False):
        handle = engine.submit(rig.spec("once", resources=Resources(seconds=60, spot=spot)))
        assert rig.over(handle).state is EngineState.SUCCEEDED
        pods.append(cluster.runs[job_of(handle)].job["spec"]["template"]["spec"])
    assert pods[0]["nodeSelector"] == {"cloud.example.org/spot": "true"}
    assert "affinity" not in pods[0]
    assert "NotIn" in json.dumps(pods[1]["affinity"])
    assert "nodeSelector" not in pods[1]


def test_a_job_says_all_that_was_asked_for(rig: Rig, cluster: Cluster) -> None:
    wants = Resources(cpus=1.5, memory_gb=2, gpus=2, gpu_type="NVIDIA-H100", seconds=90)
    spec = rig.spec("once", resources=wants, image="registry.example.org/other:2")
    handle = rig.engine().submit(spec)
    job = cluster.runs[job_of(handle)].job
    assert job["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "training"
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["activeDeadlineSeconds"] > 90
    pod = job["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"nvidia.com/gpu.product": "NVIDIA-H100"}
    assert pod["terminationGracePeriodSeconds"] > spec.grace_seconds
    assert pod["automountServiceAccountToken"] is False
    (container,) = pod["containers"]
    assert container["image"] == "registry.example.org/other:2"
    assert container["resources"]["limits"] == {"cpu": "1500m", "memory": "2048Mi", "nvidia.com/gpu": "2"}  # fmt: skip
    assert "env" not in container
    assert rig.over(handle).state is EngineState.SUCCEEDED


def test_no_secret_of_a_script_stands_in_the_manifest(rig: Rig, cluster: Cluster) -> None:
    spec = rig.spec("once")
    secret = {**spec.environment, "MLFLOW_TRACKING_TOKEN": "words-that-nobody-reads"}
    handle = rig.engine().submit(rig.spec("once", spec.folder, environment=secret))
    assert "words-that-nobody-reads" not in json.dumps(cluster.runs[job_of(handle)].job)
    rig.over(handle)


def test_a_trial_keeps_nothing(cluster: Cluster) -> None:
    words = build(parts_of(cluster)).trial()
    assert words == "Kubernetes would take a job in training."
    assert cluster.runs == {}
    with pytest.raises(SourceUnavailable, match="refuses the token"):
        build(parts_of(cluster, token="another")).trial()
    with pytest.raises(InvalidInput, match="Kubernetes refuses it"):
        build(parts_of(cluster, gpu_resource="nvidia.com/gpu", namespace="elsewhere")).trial()


def test_a_folder_outside_of_the_volume_is_refused(rig: Rig, cluster: Cluster) -> None:
    elsewhere = build(parts_of(cluster, mount="/srv/elsewhere"))
    with pytest.raises(InvalidInput, match="not within /srv/elsewhere"):
        elsewhere.submit(rig.spec("once"))
    assert cluster.runs == {}


def test_a_server_that_hangs_is_unknown_and_never_failed(
    rig: Rig, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = running(rig)
    monkeypatch.setattr("services.workflows.engine.wire.IN_ALL", 0.3)
    cluster.hold = 1.0
    began = time.monotonic()
    assert rig.engine().poll(handle).state is EngineState.UNKNOWN
    assert time.monotonic() - began < 3
    with pytest.raises(SourceUnavailable):
        rig.engine().submit(rig.spec("once"))
    cluster.hold = 0.0
    rig.engine().cancel(handle, "Enough.")
    assert rig.over(handle).state is EngineState.CANCELLED


@pytest.mark.parametrize("attempt_id", ["a", "A.b_c", "x" * 100, "0198c-1", "ends-"])
def test_every_attempt_has_a_name_that_kubernetes_takes(attempt_id: str) -> None:
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", name(attempt_id))
    assert name(attempt_id) != name(attempt_id + "1")
