"""Engines by name, and the trial of one before it is set."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.bootstrap.engines import engines, trial
from services.kernel.clock import FixedClock
from services.kernel.error import InvalidInput, NotFound, SourceUnavailable
from services.kernel.identity import SYSTEM, Role
from services.people.account.types import Grant, Principal
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.engine.rules import checked
from services.standards.engine.service import EngineSettings
from services.standards.engine.types import EngineForm, EngineKind
from services.workflows.engine.types import AttemptSpec
from tests.support.kubernetes import TOKEN, kubernetes

RAY = EngineForm("ray", EngineKind.RAY, {"url": "https://ray.example.org", "gpus": "2"})
SLURM = EngineForm("slurm", EngineKind.SLURM, {"partition": "gpu"})


@pytest.fixture
def services(sqlite_store: Store, tmp_path: Path) -> Any:
    tasks = Tasks(sqlite_store)
    return SimpleNamespace(
        store=sqlite_store,
        tasks=tasks,
        engine_settings=EngineSettings(sqlite_store, Authority(), tasks, b"a secret of 32 characters......"),
        settings=SimpleNamespace(home=tmp_path, console_url="https://console.example.org"),
    )  # fmt: skip


@pytest.fixture
def administrator(clock: FixedClock) -> Principal:
    grants = (Grant("adam", Role.ADMINISTRATOR),)
    return Principal("adam", "Adam", "adam@example.org", grants, (), "s", clock.now())


def test_this_machine_is_always_there_and_the_others_as_they_were_set(services: Any) -> None:
    found = engines(services, SimpleNamespace(download_run_folder=lambda *_: False))  # type: ignore[arg-type]
    assert found("local").name == "local"
    assert found("local") is found("local")
    with pytest.raises(NotFound, match="never was an engine 'ray'"):
        found("ray")
    services.engine_settings.set_as(SYSTEM, checked(RAY))
    assert (found("ray").name, found("ray").capabilities.gpus) == ("ray", 2)


def test_an_engine_that_is_switched_off_begins_nothing(
    services: Any, administrator: Principal, clock: FixedClock, tmp_path: Path
) -> None:
    found = engines(services, SimpleNamespace(download_run_folder=lambda *_: False))  # type: ignore[arg-type]
    services.engine_settings.set_as(SYSTEM, checked(SLURM))
    clock.advance(1)
    services.engine_settings.switch(administrator, "slurm", enabled=False)
    with pytest.raises(InvalidInput, match="switched off"):
        found("slurm").submit(AttemptSpec("a-1", "a", 1, ("true",), tmp_path))
    assert not (tmp_path / "attempts").exists()


def test_a_trial_asks_the_cluster_itself(
    services: Any, administrator: Principal, tmp_path: Path
) -> None:
    with kubernetes(tmp_path) as cluster:
        connection = cluster.connection()
        given = {**connection.address, **connection.secrets}
        form = EngineForm("cluster", EngineKind.KUBERNETES, given, allow_private=True)
        task = services.engine_settings.test(administrator, form, "k1")
        assert task.kind == "engine_test"
        assert trial(services)(task) == {"words": "Kubernetes would take a job in training."}
        wrong = EngineForm(
            "cluster", EngineKind.KUBERNETES, given | {"token": "x"}, allow_private=True
        )
        with pytest.raises(SourceUnavailable, match="refuses the token"):
            trial(services)(services.engine_settings.test(administrator, wrong, "k2"))
    with pytest.raises(SourceUnavailable):
        trial(services)(task)
    assert TOKEN not in str(task.payload)


def test_a_cluster_within_this_network_is_not_spoken_to_unless_that_was_allowed(
    services: Any, administrator: Principal
) -> None:
    for url in ("https://127.0.0.1:1", "https://169.254.169.254", "https://[::ffff:10.0.0.1]:1"):
        form = EngineForm("ray", EngineKind.RAY, {"url": url})
        task = services.engine_settings.test(administrator, form, url)
        with pytest.raises(SourceUnavailable, match="inside this network"):
            trial(services)(task)
    metadata = EngineForm(
        "ray", EngineKind.RAY, {"url": "http://169.254.169.254"}, allow_private=True
    )
    task = services.engine_settings.test(administrator, metadata, "metadata")
    with pytest.raises(SourceUnavailable, match="inside this network"):
        trial(services)(task)
