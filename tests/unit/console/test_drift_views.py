from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from console.views.drift import scope, view
from console.views.drift.asking import column_of
from console.views.drift.bars import shapes
from console.views.drift.view import DriftView
from services.facts.drift import rules, statistics
from services.facts.drift.codec import unpack_binning, unpack_profile
from services.facts.drift.types import NumericBinning
from services.facts.window.types import Monitor
from services.kernel.clock import FixedClock
from services.kernel.error import NotFound, NotPermitted
from services.kernel.identity import Role, Tier
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from services.standards.governance.types import GovernanceForm
from tests.support.console_services import NAME, govern, measure, open_services, person
from tests.support.windows import FIRST, SILENT, watch


def start(day: int) -> str:
    return (FIRST + timedelta(days=day)).isoformat()


def govern_other(services: Any, owner: Principal) -> None:
    who = owner.person_id
    form = GovernanceForm(
        "churn-mobile", who, who, "lending", "Keep", "Call centre", Tier.LOW, "None", "none"
    )
    services.governance.begin_as(owner.actor, form)


@pytest.fixture
def services(sqlite_store: Store, tmp_path: Path, clock: FixedClock) -> Any:
    return open_services(sqlite_store, tmp_path, clock)


@pytest.fixture
def owner(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER)
    govern(services, made)
    measure(services, 1)
    return made


def page(services: Any, who: Principal, **query: str) -> DriftView:
    found = view.load(services, who, {"name": NAME, **query})
    assert found is not None
    return found


def test_a_model_that_nobody_watches_has_no_page(services: Any, owner: Principal) -> None:
    assert view.load(services, owner, {"name": NAME}) is None
    with pytest.raises(NotFound):
        view.load(services, owner, {"name": "nobody"})


def test_only_watched_models_that_one_may_see_are_offered(services: Any, owner: Principal) -> None:
    watch(services, days=1)
    watch(services, "churn-mobile", days=1)
    assert page(services, owner).bar.models == (NAME,)
    govern_other(services, owner)
    assert page(services, owner).bar.models == ("churn-mobile", NAME)


def test_somebody_without_a_role_may_not_look(services: Any, owner: Principal) -> None:
    watch(services, days=2)
    with pytest.raises(NotPermitted):
        page(services, person(services, "Sam Stranger"))


def test_a_monitor_without_a_window_is_neither_green_nor_red(
    services: Any, owner: Principal
) -> None:
    watch(services, days=0)
    found = page(services, owner)
    assert (found.picture, found.badges) == (None, ())
    assert found.bar.freshness == "no window was measured yet"


def test_what_moved_stands_first_and_is_counted_as_a_breach(
    services: Any, owner: Principal
) -> None:
    watch(services)
    found = page(services, owner)
    assert found.picture is not None
    assert set(found.picture.features[:2]) == {"obrat", "carrier"}
    assert [status for status, _ in found.badges] == ["fail", "unknown"]
    assert found.asked is not None
    assert (found.asked.feature, found.pair and found.pair.status) == ("obrat", "fail")


def test_a_calm_stretch_is_a_measured_pass_and_says_what_was_not_measured(
    services: Any, owner: Principal
) -> None:
    watch(services)
    found = page(services, owner, windows="12", until=start(11))
    assert found.badges == (("pass", "Within the limit"), ("unknown", "3 not measured"))
    assert found.pair is not None
    assert found.pair.status == "pass"


def test_without_a_policy_nothing_is_green(services: Any) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    watch(services, days=4)
    assert page(services, owner).badges == (("none", "No limit set"),)


def test_a_silent_day_and_too_few_rows_leave_a_hatched_window(
    services: Any, owner: Principal
) -> None:
    watch(services)
    found = page(services, owner, windows="0")
    assert found.picture is not None
    column = found.picture.heat.keys.index(start(SILENT))
    assert all(row[column].value is None for row in found.picture.heat.cells)
    few = found.picture.heat.keys.index(start(12))
    assert "too few (n = 40)" in found.picture.heat.cells[0][few].words
    assert len(found.picture.columns) == 40


def test_a_page_is_read_again_when_a_window_is_measured_again(
    services: Any, owner: Principal
) -> None:
    watch(services, days=5)
    first = page(services, owner).picture
    assert page(services, owner).picture is first
    with services.store.reading() as session:
        monitor = services.windows.of_model(session, NAME)[0]
        seen = services.windows.seen(session, monitor)[-1]
    later = seen.measured_at + timedelta(hours=1)
    with services.store.operational() as session:
        services.windows.file(
            session, monitor.monitor_id, monitor.granularity,
            type(seen)(seen.start, seen.end, 1, 0, "other", later, closed=True), [], [],
        )  # fmt: skip
    assert page(services, owner).picture is not first


def test_any_two_windows_are_compared_from_their_profiles(services: Any, owner: Principal) -> None:
    watch(services)
    found = page(services, owner, feature="obrat", window=start(39), against=start(30))
    assert found.pair is not None
    assert (found.pair.window, found.pair.against) == ("12 Mar 2026", "3 Mar 2026")
    assert found.pair.method == "from the two stored profiles"
    with services.store.reading() as session:
        monitor: Monitor = services.windows.of_model(session, NAME)[0]
        binning = unpack_binning(
            services.windows.binning(session, monitor.monitor_id, "obrat").binning
        )
        one, two = (
            unpack_profile(services.windows.profiles(
                session, monitor, ("obrat",), FIRST + timedelta(days=d), FIRST + timedelta(days=d + 1)
            )[0].profile)
            for d in (30, 39)
        )  # fmt: skip
    assert isinstance(binning, NumericBinning)
    assert f"{statistics.ks(binning, one, two).lo:.3f}" in found.pair.sentence


@pytest.mark.parametrize("key", list(scope.STATISTICS))
@pytest.mark.parametrize("feature", ["obrat", "carrier", "hrat"])
@pytest.mark.parametrize("against", ["", start(3)])
def test_every_statistic_of_every_kind_is_told_or_said_to_be_missing(
    services: Any, owner: Principal, key: str, feature: str, against: str
) -> None:
    watch(services, days=8)
    found = page(services, owner, statistic=key, feature=feature, against=against)
    assert found.pair is not None
    told = "**" in found.pair.sentence
    assert told == (not (key == "wasserstein" and feature == "carrier"))


def test_a_segment_has_numbers_of_its_own(services: Any, owner: Principal) -> None:
    watch(services, days=6, segments=("carrier=UA",))
    found = page(services, owner, segment="carrier=UA", feature="obrat")
    assert ("carrier=UA", "carrier UA") in found.bar.segments
    assert found.picture is not None
    assert "n = 900" not in found.picture.heat.cells[0][-1].words


def test_distances_in_units_are_shaded_by_row_and_drawn_alone(
    services: Any, owner: Principal
) -> None:
    watch(services, days=6)
    found = page(services, owner, statistic="wasserstein", feature="temp")
    assert found.picture is not None
    assert [line.name for line in found.picture.course.lines] == ["temp"]
    assert found.picture.heat.scale == ()
    assert all(max(c.shade for c in row if c.value) == 1 for row in found.picture.heat.cells)
    assert isinstance(found.weight, str)


def test_concept_drift_is_told_by_the_gap(services: Any, owner: Principal) -> None:
    watch(services)
    found = page(services, owner)
    assert found.answers is not None
    assert found.answers.gap is not None
    assert found.answers.gap[:2] == ("fail", "Beyond the limit")
    assert [line.name for line in found.answers.performance.lines] == ["realised", "estimated"]  # type: ignore[union-attr]
    assert found.answers.performance.baseline == 0.886  # type: ignore[union-attr]


def test_importance_is_a_share_of_all(services: Any, owner: Principal) -> None:
    watch(services, days=4)
    found = page(services, owner)
    assert not isinstance(found.weight, str)
    assert {w.feature for w in found.weight.features} == {
        "obrat",
        "unem",
        "<img src=x onerror=alert(1)>",
    }
    assert sum(w.importance for w in found.weight.features) == pytest.approx(1)


def test_an_address_that_names_nothing_real_shows_the_newest(
    services: Any, owner: Principal
) -> None:
    watch(services, days=4)
    odd = page(
        services, owner, version="99", statistic="magic", segment="a=b", windows="-3",
        window="yesterday", against="1", until="2020-01-01", feature="../x", metric="no",
    )  # fmt: skip
    assert odd.bar.chosen["statistic"] == "ks"
    assert odd.asked is not None
    assert odd.asked.window.start == FIRST + timedelta(days=3)


def test_bars_of_a_number_sum_to_one_and_keep_the_distribution() -> None:
    rng = np.random.default_rng(7)
    held, now = rng.lognormal(1, 1, 5000), rng.lognormal(1.3, 1, 3000)
    binning = rules.numeric_binning(held)
    one, two = (
        rules.profile_batch(pa.record_batch({"x": v}), {"x": binning})["x"] for v in (held, now)
    )
    drawn = shapes("x", binning, ("then", one), ("now", two))
    for bars, values in ((drawn.one, held), (drawn.two, now)):
        assert sum(bars.shares) == pytest.approx(1)
        edges = np.array(drawn.edges)
        for place in range(1, len(bars.shares) - 1):
            inside = ((values >= edges[place]) & (values < edges[place + 1])).mean()
            assert bars.shares[place] == pytest.approx(inside, abs=0.003)


def test_bars_of_few_values_are_the_values_themselves() -> None:
    rng = np.random.default_rng(7)
    held, now = rng.integers(5, 24, 4000).astype(float), rng.integers(5, 30, 500).astype(float)
    binning = rules.numeric_binning(held)
    one, two = (
        rules.profile_batch(pa.record_batch({"x": v}), {"x": binning})["x"] for v in (held, held)
    )
    drawn = shapes("x", binning, ("then", one), ("now", two))
    assert drawn.names == tuple(str(v) for v in range(5, 24))
    moved = rules.profile_batch(pa.record_batch({"x": now}), {"x": binning})["x"]
    beyond = shapes("x", binning, ("then", one), ("now", moved))
    assert sum(beyond.two.shares) == pytest.approx(1)


@pytest.mark.parametrize("held", [[3.0] * 50, [1.0, 2.0] * 40, [-0.0, 0.0, 5.0] * 30])
def test_constant_and_odd_numbers_are_drawn(held: list[float]) -> None:
    binning = rules.numeric_binning(np.array(held))
    values = np.array([*held, np.inf, -np.inf, 1e100])
    profile = rules.profile_batch(pa.record_batch({"x": values}), {"x": binning})["x"]
    drawn = shapes("x", binning, ("then", profile), ("now", profile))
    assert sum(drawn.one.shares) == pytest.approx(1)
    assert all(np.isfinite(drawn.one.shares))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("carrier", "s_carrier"), ("f_origin", "f_origin"), ("caller_hash", "caller_hash")],
)
def test_a_column_is_found_by_the_name_that_people_know(typed: str, meant: str) -> None:
    assert column_of(("s_carrier", "f_carrier", "f_origin"), typed) == meant
