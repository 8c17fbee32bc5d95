"""A hundred tickets of four teams and four workers on PostgreSQL: none starves, none is lost, none twice."""

import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from services.decisions.retraining.types import TicketState
from services.record.trail.service import Trail
from services.workflows.sync.service import Sync
from tests.chaos.nursery import Nursery
from tests.chaos.reconciler import Spec, forge_of
from tests.chaos.storm import state_of
from tests.support.databases import postgres_database
from tests.support.fake_mlflow import FakeMlflow
from tests.support.forge import open_forge

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("forge")]
TEAMS = {"many": 70, "few": 10, "some": 10, "one": 10}
WORKERS, MODELS = 4, 25
NOWHERE = "http://127.0.0.1:9"


@pytest.mark.slow
def test_a_hundred_tickets_and_four_workers(postgres: str, tmp_path: Path) -> None:
    with postgres_database(postgres, f"cs_queue_{os.getpid()}") as url:
        spec = Spec(str(tmp_path / "home"), NOWHERE, url, lease_seconds=20.0, instant=True)
        first = open_forge(tmp_path / "home", NOWHERE, url)
        first.policy()
        first.close()
        forge, mlflow = forge_of(spec), FakeMlflow()
        teams = [team for team, number in TEAMS.items() for _ in range(number)]
        models = {
            team: [f"{team}-{n}" for n in range(max(2, count // 4))]
            for team, count in TEAMS.items()
        }
        for name in (each for names in models.values() for each in names):
            mlflow.add(name)
        Sync(forge.services.store, mlflow).look()
        empty = tmp_path / "saved"
        empty.mkdir()
        for team, names in models.items():
            for name in names:
                forge.govern(name, 1, team)
                forge.recipe(name, empty)
        tickets = [
            forge.ticket(models[team][n % len(models[team])], f"job-{n}")
            for n, team in enumerate(teams)
        ]
        workers(spec, tmp_path, lambda: not forge.services.tasks.open("batch"))
        now = [forge.standing(each) for each in tickets]
        assert Counter(each.state for each in now) == {TicketState.NO_BETTER: 100}
        with forge.services.store.reading() as session:
            begun = Trail(forge.services.store).search(session, action="ticket:started", limit=500)
            closed = Trail(forge.services.store).search(session, action="ticket:closed", limit=500)
        assert len({each.subject_id for each in begun}) == len(begun) == 100
        assert len({each.subject_id for each in closed}) == len(closed) == 100
        assert all(len(forge.attempts(each)) == 1 for each in tickets)
        team_of = {each.ticket_id: each.team for each in now}
        order = [team_of[each.subject_id] for each in sorted(begun, key=lambda each: each.seq)]
        small = [place for place, team in enumerate(order) if team != "many"]
        assert max(small) < 75, "a small team waited behind the large one"
        forge.close()


def workers(spec: Spec, folder: Path, over: object) -> None:
    """Let four workers go until everything is over."""
    nursery = Nursery(folder / "workers.log")
    alive = [nursery.bear(spec, {}) for _ in range(WORKERS)]
    deadline = time.monotonic() + 400
    try:
        while not over() and time.monotonic() < deadline:  # type: ignore[operator]
            assert any(state_of(pid) not in ("", "Z") for pid in alive), "every worker died"
            time.sleep(0.2)
    finally:
        for pid in alive:
            if state_of(pid):
                os.kill(pid, signal.SIGKILL)
        nursery.close()
