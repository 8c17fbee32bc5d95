from pathlib import Path
from typing import Any

import pytest

from console.views import home, models, monitoring
from services.facts.evidence.types import EvidenceKind, Measurement, Producer, Reading
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM, Role
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME, govern, measure, open_services, person
from tests.support.windows import watch


@pytest.fixture
def services(sqlite_store: Store, tmp_path: Path, clock: FixedClock) -> Any:
    return open_services(sqlite_store, tmp_path, clock)


@pytest.fixture
def owner(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER)
    govern(services, made)
    return made


def test_a_model_that_nobody_watches_is_listed_with_why(services: Any, owner: Principal) -> None:
    found = monitoring.load(services, owner, {})
    assert found.rows == ()
    assert [(row.name, row.why) for row in found.unwatched] == [
        (NAME, "No version is in production: no alias points at one.")
    ]


def test_the_worst_signal_decides_the_line(services: Any, owner: Principal) -> None:
    measure(services, 1)
    watch(services)
    (row,) = monitoring.load(services, owner, {}).rows
    assert (row.status, row.word) == ("fail", "Beyond a limit")
    assert row.signals["drift"].status == "fail"
    assert row.signals["drift"].words.startswith("obrat 0.")
    assert "limit 0.20" in row.signals["drift"].words
    assert row.signals["performance"].words == "accuracy 78.3 %, was 88.6 %"
    assert row.signals["performance"].status == "fail"
    assert row.last == "12 Mar 2026, 1 day ago"


def test_calm_drift_without_known_performance_is_not_green(services: Any, owner: Principal) -> None:
    watch(services, days=3)
    (row,) = monitoring.load(services, owner, {}).rows
    assert row.signals["drift"].status == "pass"
    assert (row.status, row.word) == ("unknown", "Partly unknown")


def test_a_monitor_without_rows_says_so(services: Any, owner: Principal) -> None:
    watch(services, days=0)
    (row,) = monitoring.load(services, owner, {}).rows
    assert (row.status, row.word, row.last) == ("unknown", "No rows yet", "none")
    assert row.signals["drift"].words == "not measured"


def test_what_a_person_may_not_see_is_left_out(services: Any, owner: Principal) -> None:
    watch(services, days=3)
    stranger = person(services, "Sam Stranger")
    found = monitoring.load(services, stranger, {})
    assert (found.rows, found.unwatched) == ((), ())


def test_a_model_is_found_by_a_part_of_its_name(services: Any, owner: Principal) -> None:
    watch(services, days=3)
    assert len(monitoring.load(services, owner, {"find": "GAGE"}).rows) == 1
    assert monitoring.load(services, owner, {"find": "nobody"}).rows == ()


def test_the_inventory_and_home_tell_the_worst_drift_of_the_newest_closed_day(
    services: Any, owner: Principal
) -> None:
    assert models.load(services, owner, {}).rows[0].drift is None
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 2)
    rows = (
        Measurement("drift.ks", "", 0.31, "1", 900, 0.31, 0.311, 1.0, "certified, obrat"),
        Measurement("drift.largest_change", "", 0.05, "1", 900),
    )
    reading = Reading(EvidenceKind.DRIFT, "drift/1", {"n": 900}, rows, alias="champion")
    with services.store.unit(SYSTEM) as unit:
        services.evidence.file(unit, ref, reading, Producer("task-1", "0.1.0"))
    row = models.load(services, owner, {"attention": "drifting"}).rows[0]
    assert (row.drift, row.drift_fails) == (0.31, True)
    tile = next(t for t in home.load(services, owner).tiles if t.key == "drifting")
    assert (tile.count, tile.page, tile.query) == (1, "models", (("attention", "drifting"),))
