"""The worker's processes: a supervisor, and one child for each lane."""

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import timedelta

from services.bootstrap import costing, logs
from services.bootstrap.duties import Duties
from services.bootstrap.engines import trial
from services.bootstrap.gateway import open_gateway
from services.bootstrap.services import Services, open_services
from services.bootstrap.work import drilling, notifying, working
from services.facts.registry.gateway import MlflowGateway
from services.facts.scoring import sandbox
from services.kernel.error import CountersignError
from services.record.task.types import Task
from services.settings import Settings, read_settings
from services.workflows import worker
from services.workflows.lease.service import TTL, Leases
from services.workflows.sync.service import Sync

LANES = ("batch", "interactive")
LOOK_EVERY = 0.5
DEATHS, WITHIN = 5, 60.0
GRACE = 10.0
LEASE = "COUNTERSIGN_TEST_LEASE_SECONDS"
SUPERVISED = "COUNTERSIGN_JOB_SUPERVISOR"
_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Run one lane, or supervise both."""
    parser = argparse.ArgumentParser(description="Run Countersign's worker.")
    parser.add_argument("--lane", choices=LANES, default=None)
    lane = parser.parse_args().lane
    try:
        settings = read_settings()
    except CountersignError as error:
        print(error.message, file=sys.stderr)  # noqa: T201 - there is no log yet
        return 2
    logs.configure(settings.log_level, f"worker:{lane or 'supervisor'}")
    if lane is None:
        return supervise()
    if (supervisor := os.environ.get(SUPERVISED)) is not None:
        _end_with_the_supervisor()
        if supervisor != str(os.getppid()):  # gone while this lane was loading
            return 0
    services = open_services(settings)
    return _batch(services, settings) if lane == "batch" else _interactive(services)


def supervise() -> int:
    """Keep both lanes alive until asked to stop; five deaths in a minute end it."""
    children = {lane: _child(lane) for lane in LANES}
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(1))
    deaths: list[float] = []
    while not stopping:
        for lane, child in children.items():
            if child.poll() is not None:
                deaths = [at for at in deaths if time.monotonic() - at < WITHIN]
                deaths.append(time.monotonic())
                if len(deaths) >= DEATHS:
                    _end(children)
                    return 1
                time.sleep(min(4.0, 0.5 * len(deaths)))
                children[lane] = _child(lane)
        time.sleep(LOOK_EVERY)
    _end(children)
    return 0


def _child(lane: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "services.bootstrap.worker", "--lane", lane],
        env={**os.environ, SUPERVISED: str(os.getpid())},
    )


def _end_with_the_supervisor() -> None:
    """Let the kernel ask this lane to stop when its supervisor is gone, killed or not."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _end(children: Mapping[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE
    for child in children.values():
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()


def _batch(services: Services, settings: Settings) -> int:
    gateway = open_gateway(settings)
    sync = Sync(services.store, gateway)
    duties, work = Duties(services, sync), working(services, gateway)
    costs = costing.looks(services, gateway)

    def follow() -> None:
        duties.follow()
        work.sweeping.look()
        for look in costs:
            look()

    lane = worker.BatchLane(
        services.tasks,
        Leases(
            services.store, timedelta(seconds=float(os.environ.get(LEASE, TTL.total_seconds())))
        ),
        services.health,
        worker.Duties(
            sync.look,
            follow,
            work.abandon,
            lambda: _openness(gateway),
            services.deliveries.again,
            duties.watch,
            work.retraining.may_begin,
        ),
        settings.workflow,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lane.stop)
    found = sandbox.detect()
    lane.run(
        lambda: work.register(services.tasks.start),
        {"sandbox": found.level.value, "sandbox_words": found.words},
    )
    return 0


def _openness(gateway: MlflowGateway) -> dict[str, bool]:
    try:
        return {"mlflow_open": gateway.is_open()}
    except CountersignError:
        return {}


def _interactive(services: Services) -> int:
    def verification(task: Task) -> dict[str, object]:
        del task
        state = services.trail.verify()
        return {
            "holds": state.holds,
            "size": state.size,
            "broken_at": state.broken_at,
            "reason": state.reason,
            "verified_at": state.verified_at.isoformat(),
        }

    answers = {
        "verification": verification,
        "channel_test": notifying(services).answer_test,
        "engine_test": trial(services),
        "drill_down": drilling(services).answer,
    }
    lane = worker.InteractiveLane(services.tasks, services.health, answers)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lane.stop)
    lane.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
