"""The engine of this machine: the conformance suite, and what only it promises."""

from pathlib import Path

import pytest

from services.workflows.engine.local.engine import LocalEngine
from services.workflows.engine.types import Resources
from tests.integration.engines.conformance import Conformance
from tests.integration.engines.rig import Rig

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
