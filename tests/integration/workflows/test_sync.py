"""The mirror follows MLflow: what changed is stored once, what vanished is said, an outage loses nothing."""

from datetime import timedelta
from typing import Any

import pytest

from services.facts.registry import mirror
from services.facts.registry.service import Registry
from services.kernel.clock import FixedClock
from services.kernel.error import SourceUnavailable
from services.kernel.identity import SYSTEM
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.workflows.sync.service import Sync
from tests.support.fake_mlflow import FakeMlflow


@pytest.fixture
def mlflow() -> FakeMlflow:
    made = FakeMlflow()
    for name, versions in (("credit", 2), ("churn", 1)):
        for _ in range(versions):
            made.add(name)
    made.models["credit"].aliases["champion"] = 1
    return made


@pytest.fixture
def sync(store: Store, mlflow: FakeMlflow) -> Sync:
    made = Sync(store, mlflow)
    made.look()
    return made


def look(sync: Sync, clock: FixedClock) -> Any:
    clock.advance(30)
    return sync.look()


def events(store: Store, action: str) -> list[Any]:
    with store.reading() as session:
        return Trail(store).search(session, action=action)


def aliases(store: Store) -> dict[tuple[str, str], tuple[int, str]]:
    with store.reading() as session:
        return mirror.standing_aliases(session)


def test_the_first_look_mirrors_everything_in_one_event(
    store: Store, sync: Sync, mlflow: FakeMlflow
) -> None:
    del sync
    registry = Registry()
    with store.reading() as session:
        assert [m.name for m in registry.models(session)] == ["churn", "credit"]
        assert [v.ref.version for v in registry.versions(session, "credit")] == [2, 1]
        assert registry.aliases(session, "credit") == {"champion": 1}
        state = registry.sync_state(session)
        run = registry.run(session, mlflow.models["credit"].versions[1].run_id)
    assert (state.ok, state.models, state.versions) == (True, 2, 3)
    assert run is not None
    assert run.user == "ada"
    assert len(events(store, "model:mirrored")) == 1
    assert events(store, "alias:moved") == []
    assert "all_versions" in mlflow.asked


def test_nothing_new_writes_nothing(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    with store.reading() as session:
        before = len(Trail(store).search(session, limit=500))
    mlflow.asked.clear()
    report = look(sync, clock)
    with store.reading() as session:
        assert len(Trail(store).search(session, limit=500)) == before
    assert (report.changed, report.versions, report.moves) == (0, 0, 0)
    assert mlflow.asked == ["heads", "versions_since"]


def test_an_alias_that_moves_leaves_one_event_and_its_past(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    before = clock.now()
    mlflow.models["credit"].aliases["champion"] = 2  # no timestamp moves with it
    assert look(sync, clock).moves == 1
    assert look(sync, clock).moves == 0
    (moved,) = events(store, "alias:moved")
    assert (moved.payload["before"], moved.payload["after"]) == (1, 2)
    registry = Registry()
    with store.reading() as session:
        then = registry.champion(session, "credit", "champion", before)
        now = registry.champion(session, "credit", "champion")
        moves = registry.alias_moves(session, "credit")
    assert then is not None
    assert now is not None
    assert (then.version, now.version) == (1, 2)
    assert [(m.from_version, m.to_version, m.source) for m in moves] == [
        (1, 2, "sync"),
        (None, 1, "first seen"),
    ]


def test_an_alias_taken_away_leaves_an_event_and_an_answer_for_its_time(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    before = clock.now()
    mlflow.models["credit"].aliases.clear()
    assert look(sync, clock).moves == 1
    (moved,) = events(store, "alias:moved")
    assert moved.payload["after"] is None
    registry = Registry()
    with store.reading() as session:
        assert registry.champion(session, "credit", "champion") is None
        then = registry.champion(session, "credit", "champion", before)
    assert then is not None
    assert then.version == 1


def test_the_first_alias_of_a_mirrored_server_is_a_move(store: Store, clock: FixedClock) -> None:
    mlflow = FakeMlflow()
    mlflow.add("credit")
    sync = Sync(store, mlflow)
    sync.look()
    mlflow.models["credit"].aliases["champion"] = 1
    assert look(sync, clock).moves == 1
    assert len(events(store, "alias:moved")) == 1


def test_a_new_version_is_read_with_its_run(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    added = mlflow.add("churn", user="bert")
    report = look(sync, clock)
    assert (report.changed, report.runs) == (1, 1)
    with store.reading() as session:
        run = Registry().run(session, added.run_id)
    assert run is not None
    assert run.user == "bert"


def test_a_tag_written_to_an_old_version_is_seen_though_the_head_is_the_same(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    mlflow.change("credit", 1, tags={"stage": "archived"})
    report = look(sync, clock)
    assert report.changed == 0
    with store.reading() as session:
        assert Registry().version(session, "credit", 1).tags == {"stage": "archived"}


def test_a_version_made_again_under_its_number_is_another_version(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    old = mlflow.models["credit"].versions[1]
    mlflow.forget("credit")
    mlflow.add("credit", run="fresh")
    mlflow.models["credit"].aliases["champion"] = 1
    report = look(sync, clock)
    said = {(e.subject_id, e.payload["replaced"]) for e in events(store, "version:vanished")}
    assert said == {("credit/1", True), ("credit/2", False)}
    assert report.vanished == 2
    assert aliases(store)["credit", "champion"] == (1, "fresh")
    (moved,) = events(store, "alias:moved")
    assert moved.payload["run_id"] == "fresh" != old.run_id


def test_other_files_under_the_same_run_are_another_version_too(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    mlflow.change("credit", 2, source_uri="models:/m-elsewhere")
    look(sync, clock)
    (said,) = events(store, "version:vanished")
    assert said.subject_id == "credit/2"


def test_the_last_version_of_a_model_may_vanish(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    mlflow.forget("churn", 1)
    assert look(sync, clock).vanished == 1
    with store.reading() as session:
        assert Registry().versions(session, "churn") == []


def test_a_deleted_model_is_gone_now_and_was_there_then(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    then = clock.now()
    mlflow.forget("credit")
    look(sync, clock)
    assert aliases(store) == {}
    with store.reading() as session:
        assert [m.name for m in Registry().models(session)] == ["churn"]
        assert [m.name for m in Registry().models(session, then)] == ["churn", "credit"]
    assert ("credit", "model deleted or renamed") in {
        (e.subject_id, e.payload.get("reason")) for e in events(store, "version:vanished")
    }


def test_an_outage_is_said_once_and_what_was_mirrored_stays(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    seen = clock.now()
    mlflow.down = "MLflow does not answer: the connection is refused."
    for _ in range(3):
        with pytest.raises(SourceUnavailable):
            look(sync, clock)
    with store.reading() as session:
        state = Registry().sync_state(session)
        assert len(Registry().models(session)) == 2
    assert (state.ok, state.reason, state.at) == (False, mlflow.down, seen)
    assert len(events(store, "sync:failed")) == 1
    mlflow.down = ""
    look(sync, clock)
    with store.reading() as session:
        assert Registry().sync_state(session).ok
    mlflow.down = "MLflow is in trouble (HTTP 503)."
    with pytest.raises(SourceUnavailable):
        look(sync, clock)
    assert len(events(store, "sync:failed")) == 2


NAMES = (
    "o'brien",
    "line\nbreak",
    "mixed-сredit",
    "e\u0301tude",
    "x" * 256,
    "<script>alert(2)</script>",
    'a%b`c"d',
)


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_are_mirrored_as_they_are(store: Store, clock: FixedClock, name: str) -> None:
    mlflow = FakeMlflow()
    mlflow.add(name)
    mlflow.models[name].aliases["Champion"] = 1
    sync = Sync(store, mlflow)
    sync.look()
    look(sync, clock)
    registry = Registry()
    with store.reading() as session:
        assert [m.name for m in registry.models(session)] == [name]
        champion = registry.champion(session, name, "champion")
    assert champion is not None
    assert champion.name == name


@pytest.mark.parametrize("name", ["nul\x00", "\u202eabc", "half \ud800", "x" * 1001])
def test_names_that_cannot_be_kept_are_told_and_do_not_stop_the_others(
    store: Store, mlflow: FakeMlflow, name: str
) -> None:
    mlflow.add(name)
    Sync(store, mlflow).look()
    with store.reading() as session:
        state = Registry().sync_state(session)
        assert [m.name for m in Registry().models(session)] == ["churn", "credit"]
    assert state.ok
    assert len(state.skipped) == 1


def test_runs_that_no_alias_needs_are_mirrored_in_the_background(
    store: Store, clock: FixedClock
) -> None:
    mlflow = FakeMlflow()
    for _ in range(4):
        mlflow.add("credit")
    sync = Sync(store, mlflow)
    sync.look()
    wanted = [mlflow.models["credit"].versions[n].run_id for n in (1, 2, 3)]
    with store.reading() as session:
        assert Registry().runs(session, wanted) == {}
    assert sync.backfill() == 3
    assert sync.backfill() == 0
    with store.reading() as session:
        assert set(Registry().runs(session, wanted)) == set(wanted)


def test_an_alias_the_console_moves_during_a_look_is_not_put_back(
    store: Store, sync: Sync, mlflow: FakeMlflow, clock: FixedClock
) -> None:
    def promotion() -> None:
        clock.advance(1)
        mlflow.models["credit"].aliases["champion"] = 2
        run = mlflow.models["credit"].versions[2].run_id
        with store.unit(SYSTEM) as unit:
            seq = unit.event("alias:moved", ("model", "credit"), before=1, after=2)
            mirror.write_alias(unit, "credit", "champion", (2, run), "promotion", seq)

    mlflow.models["credit"].tags["k"] = "v"  # the head differs, and was read before the move
    mlflow.meanwhile = promotion
    assert look(sync, clock).moves == 0
    assert aliases(store)["credit", "champion"][0] == 2
    assert look(sync, clock).moves == 0
    assert len(events(store, "alias:moved")) == 1
    mlflow.models["credit"].aliases["champion"] = 1  # now somebody else moves it
    assert look(sync, clock).moves == 1


def test_reads_of_one_session_see_one_state(store: Store, clock: FixedClock) -> None:
    with store.reading() as session:
        before = mirror.count_versions(session)
        mlflow = FakeMlflow()
        mlflow.add("credit")
        clock.advance(timedelta(seconds=1).total_seconds())
        Sync(store, mlflow).look()
        assert mirror.count_versions(session) == before == 0
    with store.reading() as session:
        assert mirror.count_versions(session) == 1
