"""The real worker, killed with -9 at six points of a promotion: the alias is moved exactly once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from services.decisions.promotion.types import PromotionState
from services.facts.registry.gateway import MlflowGateway
from services.record.trail.service import Trail
from tests.support.mlflow import register, register_again
from tests.support.promotion import Signed, signed_promotion, signed_suspension
from tests.support.workspace import ROOT

SUSPENDED = ("read", "alias_set", "in_transaction")
POINTS = ("authorised", "read", "alias_set", "read_back", "in_transaction", "done")
pytestmark = pytest.mark.timeout(300)


def worker(signed: Signed, log: Path, **more: str) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERSIGN_", "MLFLOW_"))}
    environment = {
        **kept,
        **signed.environment,
        "COUNTERSIGN_TEST_LEASE_SECONDS": "3",
        "PYTHONPATH": str(ROOT),
        **more,
    }
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "services.bootstrap.worker", "--lane", "batch"],
            cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def state(signed: Signed) -> PromotionState:
    with signed.services.store.reading() as session:
        return signed.services.promotions.get(session, signed.promotion_id).state


def over(signed: Signed) -> bool:
    with signed.services.store.reading() as session:
        task = signed.services.tasks.get(
            signed.services.promotions.get(session, signed.promotion_id).task_id
        )
    return task.is_over


def events(signed: Signed, action: str) -> int:
    with signed.services.store.reading() as session:
        return len(Trail(signed.services.store).search(session, action=action))


@pytest.fixture(scope="module")
def first(mlflow_url: str) -> str:
    """A registered model; the others are registered from its files."""
    register(mlflow_url, "kill-first")
    return "kill-first"


@pytest.mark.parametrize("point", POINTS)
def test_a_promotion_survives_kill_nine(
    point: str, first: str, mlflow_url: str, tmp_path: Path
) -> None:
    model = f"kill-{point.replace('_', '-')}"
    register_again(mlflow_url, model, first)
    signed = signed_promotion(tmp_path / "home", mlflow_url, model, tmp_path / "files")
    killed_and_begun_again(signed, point, tmp_path / "worker.log")
    assert alias_of(mlflow_url, model) == 1
    assert events(signed, "promotion:applied") == 1
    assert events(signed, "alias:moved") <= 1
    assert events(signed, "alias:bypassed") == 0
    assert Trail(signed.services.store).verify().holds


@pytest.mark.parametrize("point", SUSPENDED)
def test_a_suspension_survives_kill_nine(
    point: str, first: str, mlflow_url: str, tmp_path: Path
) -> None:
    model = f"brake-{point.replace('_', '-')}"
    register_again(mlflow_url, model, first)
    promoted = signed_promotion(tmp_path / "home", mlflow_url, model, tmp_path / "files")
    signed = signed_suspension(promoted, mlflow_url, model)
    assert alias_of(mlflow_url, model) == 1
    killed_and_begun_again(signed, point, tmp_path / "worker.log")
    assert alias_of(mlflow_url, model) is None
    assert events(signed, "model:suspended") == 1
    assert events(signed, "alias:bypassed") == 0
    assert Trail(signed.services.store).verify().holds


def alias_of(mlflow_url: str, model: str) -> int | None:
    gateway = MlflowGateway(mlflow_url)
    found = gateway.alias(model, "champion")
    gateway.close()
    return found


def killed_and_begun_again(signed: Signed, point: str, log: Path) -> None:
    """Kill a worker at a point, start another, and wait until it is applied."""
    killed = worker(signed, log, COUNTERSIGN_TEST_CRASH_AT=point)
    assert killed.wait(timeout=90) == -signal.SIGKILL, log.read_text()[-3000:]
    again = worker(signed, log)
    try:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and not over(signed):
            time.sleep(0.3)
        assert state(signed) is PromotionState.APPLIED, log.read_text()[-3000:]
        assert over(signed)
    finally:
        os.killpg(again.pid, signal.SIGTERM)
        again.wait(timeout=20)
