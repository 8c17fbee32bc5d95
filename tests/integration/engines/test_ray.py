"""Ray, a real one of this machine: the conformance suite, and what only Ray does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.kernel.clock import SystemClock
from services.workflows.engine.attended import AttendedEngine
from services.workflows.engine.ray_adapter import RayScheduler
from services.workflows.engine.types import Resources
from tests.integration.engines.conformance import Conformance
from tests.integration.engines.rig import Rig
from tests.support.ray import CPUS, GPUS, RayHead, ray_head

pytestmark = [pytest.mark.xdist_group("ray"), pytest.mark.timeout(240)]


def build(url: str, token: str) -> AttendedEngine:
    """Return a new adapter for a head."""
    connection = RayHead(url, token, None).connection(gpus=str(GPUS))  # type: ignore[arg-type]
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
