"""The tab Storage: what nothing needs is ordered away by an operator, and asked about again before."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from services.decisions.disposal.service import DisposalForm
from services.decisions.disposal.types import Disposal, DisposalState
from services.facts.storage.types import KeptRun
from services.kernel.error import Conflict, InvalidInput, NotPermitted
from services.kernel.identity import Role
from services.people.account.types import Principal
from services.workflows.costing.disposing import Disposing, Rooms
from tests.support.app import opened, words
from tests.support.console_services import NAME, govern, person

OLD = timedelta(days=400)


class Files:
    """MLflow, of which a test sees what was taken away."""

    def __init__(self, aliases: tuple[str, ...] = ()) -> None:
        self.aliases, self.gone = aliases, list[str]()

    def aliases_of(self, name: str, version: int) -> tuple[str, ...]:
        del name, version
        return self.aliases

    def dispose_version(self, name: str, version: int) -> None:
        self.gone.append(f"{name} {version}")

    def dispose_run(self, run_id: str) -> None:
        self.gone.append(run_id)


@pytest.fixture
def otis(services: Any) -> Principal:
    made = person(services, "Otis Operator", Role.OPERATOR, Role.OWNER)
    govern(services, made)
    services.prices.publish_sample()
    return made


def keep(services: Any, run_id: str, name: str, size: int | None = 5 * 10**9) -> KeptRun:
    ended = services.clock.now() - OLD
    made = KeptRun(run_id, "0", name, NAME, size, 7, "", ended, ended, ended)
    services.disposals.storage.keep([made])
    return made


def of_version(services: Any, number: int) -> str:
    with services.store.reading() as session:
        return services.registry.ref(session, NAME, number).run_id


def look(services: Any, files: Files) -> list[DisposalState]:
    return [
        each.state for each in Disposing(Rooms(services.store, services.disposals, files)).look()
    ]


def test_nothing_weighed_is_said_so(services: Any, otis: Principal) -> None:
    assert "Nothing weighed yet" in words(opened(services, otis, "cost", tab="Storage"))


def test_what_nothing_needs_stands_with_its_cost_and_the_rest_with_its_reason(
    services: Any, otis: Principal
) -> None:
    keep(services, "aa11", "old trial")
    keep(services, of_version(services, 2), "the newest")
    said = words(opened(services, otis, "cost", tab="Storage"))
    assert "old trial" in said
    assert "10.0 GB" in said
    assert "0.23 USD a month" in said
    assert "0.12 USD" in said
    assert "the newest version" in said


def test_an_order_waits_and_is_carried_out(services: Any, otis: Principal) -> None:
    keep(services, "aa11", "old trial")
    at = opened(services, otis, "cost", tab="Storage")
    at.multiselect[0].select("aa11")
    at.text_area[0].input("A trial of last year.")
    next(each for each in at.button if each.label == "Order").click().run()
    assert not at.exception
    said = words(opened(services, otis, "cost", tab="Storage"))
    assert "Waits" in said
    assert "A trial of last year" in said
    files = Files()
    assert look(services, files) == []
    services.clock.advance(timedelta(days=8).total_seconds())
    assert look(services, files) == [DisposalState.DISPOSED]
    assert files.gone == ["aa11"]
    assert look(services, files) == []
    said = words(opened(services, otis, "cost", tab="Storage"))
    assert "Taken away" in said
    with services.store.reading() as session:
        assert services.disposals.candidates(session) == []


def test_what_is_needed_meanwhile_is_kept(services: Any, otis: Principal) -> None:
    made = keep(services, "aa11", "old trial")
    services.disposals.order(otis, DisposalForm(("aa11",), "Replaced long ago.", 0))
    services.disposals.storage.keep([replace(made, held="lawsuit 4711")])
    files = Files()
    assert look(services, files) == [DisposalState.KEPT]
    assert files.gone == []
    assert "lawsuit 4711" in words(opened(services, otis, "cost", tab="Storage"))


def test_an_alias_that_was_set_behind_the_console_keeps_a_version(services: Any) -> None:
    now = services.clock.now()
    order = Disposal("d1", "aa11", "old", NAME, ((NAME, 7),), 1, 1, "old", "p1", now, now)
    said: list[tuple[str, ...]] = []
    disposals: Any = SimpleNamespace(
        due=lambda _: [order],
        needed_by=lambda _, __: (),
        settle=lambda _, __, reasons: said.append(reasons),
    )
    files = Files(aliases=("shadow",))
    Disposing(Rooms(services.store, disposals, files)).look()
    assert said == [(f"{NAME} 7: shadow points at it",)]
    assert files.gone == []
    files.aliases = ()
    Disposing(Rooms(services.store, disposals, files)).look()
    assert files.gone == [f"{NAME} 7", "aa11"]


def test_bad_orders_are_refused_in_words(services: Any, otis: Principal) -> None:
    run = keep(services, "aa11", "old trial")
    order = services.disposals.order
    with pytest.raises(InvalidInput, match="Say why"):
        order(otis, DisposalForm(("aa11",), " "))
    with pytest.raises(InvalidInput, match="7 or 30"):
        order(otis, DisposalForm(("aa11",), "old", 3))
    services.disposals.storage.keep([replace(run, run_id="bb22", held="lawsuit")])
    with pytest.raises(InvalidInput, match="held: lawsuit"):
        order(otis, DisposalForm(("aa11", "bb22"), "old"))
    with pytest.raises(NotPermitted):
        order(person(services, "Vera Viewer", Role.VIEWER), DisposalForm(("aa11",), "old"))
    order(otis, DisposalForm(("aa11",), "old"))
    with pytest.raises(Conflict, match="waits already"):
        order(otis, DisposalForm(("aa11",), "old"))
    with services.store.reading() as session:
        waiting = services.disposals.find(session, DisposalState.ORDERED)
    services.disposals.withdraw(otis, waiting[0].disposal_id)
    order(otis, DisposalForm(("aa11",), "old after all"))
