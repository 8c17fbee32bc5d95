"""Reading once a day what was asked of the versions that serve."""

from datetime import date, timedelta
from pathlib import Path

import httpx

from services.facts.prediction.asked import Asked
from services.facts.registry.tracking import MlflowTracking
from services.facts.service_level.service import ServingUses
from services.facts.service_level.types import ServingUse
from services.kernel.clock import FixedClock
from services.kernel.error import SourceUnavailable
from services.kernel.identity import ModelRef
from services.record.trail.unit_of_work import Store
from services.workflows.costing.asking import Asking, Rooms


class Serving:
    """A registry in which two models serve."""

    def serving(self, session: object) -> list[ModelRef]:
        del session
        return [ModelRef("default", "default", name, 1, "r", "") for name in ("a", "b")]


class Log:
    """A prediction log of which one model cannot be read."""

    def __init__(self) -> None:
        self.asked_for: list[tuple[str, date, date]] = []

    def asked(self, model: str, *, since: date, until: date) -> list[Asked]:
        self.asked_for.append((model, since, until))
        if model == "b":
            raise SourceUnavailable("A file of the prediction log cannot be read.")
        return [Asked(1, 10, 8, 5, 6, 0.1, 90.0, 200.0, 10, {7: 10})]


class Files:
    """Files whose size nobody can tell."""

    def version_bytes(self, name: str, version: int) -> int | None:
        raise SourceUnavailable(f"{name} {version}")


def test_each_model_is_read_once_a_day_and_a_broken_log_stops_no_other(
    sqlite_store: Store, clock: FixedClock
) -> None:
    uses, log = ServingUses(sqlite_store), Log()
    rooms = Rooms(sqlite_store, Serving(), uses, log, Files())  # type: ignore[arg-type]
    duty = Asking(rooms)
    assert [duty.look() for _ in range(3)] == ["a", "b", ""]
    today = clock.now().date()
    assert log.asked_for[0] == ("a", today - timedelta(days=30), today - timedelta(days=1))
    with sqlite_store.reading() as session:
        (held,) = uses.find(session)
    assert held == ServingUse(
        "a", 1, today - timedelta(days=30), today - timedelta(days=1), 10, 8, 2, 3, 0.1, 90.0, 200.0,
        {7: 10}, None, clock.now(),
    )  # fmt: skip
    assert Asking(rooms).look() == "b"
    clock.advance(86_400)
    assert duty.look() == "a"


def test_a_model_that_was_never_read_is_read_again_until_the_same_stands_there(
    sqlite_store: Store, clock: FixedClock
) -> None:
    counts = [0, 4, 10, 10]

    class Arriving(Log):
        def asked(self, model: str, *, since: date, until: date) -> list[Asked]:
            super().asked("a", since=since, until=until)
            n = counts.pop(0) if model == "a" else 0
            return [Asked(1, n, n, n, n, 0.1, 90.0, 200.0, n, {7: n})] if n else []

    uses, log = ServingUses(sqlite_store), Arriving()
    duty = Asking(Rooms(sqlite_store, Serving(), uses, log, Files()))  # type: ignore[arg-type]
    found: list[str] = []
    for _ in range(5):
        found += [duty.look(), duty.look()]
        clock.advance(600)
    assert found == ["", "", "a", "", "a", "", "a", "", "", ""]
    with sqlite_store.reading() as session:
        assert [each.requests for each in uses.find(session)] == [10]


def test_a_version_is_as_large_as_its_files(
    mlflow_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    tracking = MlflowTracking(mlflow_url)
    experiment = tracking.experiment("sizes")
    run = tracking.begin_run(experiment, "sizes", clock.now(), {})
    (tmp_path / "deep").mkdir()
    (tmp_path / "MLmodel").write_bytes(b"x" * 100)
    (tmp_path / "deep" / "weights.bin").write_bytes(b"y" * 5_000)
    source = tracking.upload(run, tmp_path, "model")
    name = "sized-model"
    httpx.post(
        f"{mlflow_url}/api/2.0/mlflow/registered-models/create", json={"name": name}, timeout=20
    )
    made = tracking.create_version(name, source, run, {})
    assert tracking.version_bytes(name, made.version) == 5_100
    tracking.end_run(run, "FINISHED", clock.now())
    tracking.close()
