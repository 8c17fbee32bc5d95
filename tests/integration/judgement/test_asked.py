"""A rule that asks for a review puts it where it is seen, until somebody asked for one."""

from pathlib import Path
from typing import Any

import pytest

from console.views import asked
from console.views.asked import AskedRow
from services.decisions.review.types import ReviewForm
from services.kernel.clock import FixedClock
from services.kernel.identity import Role
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from tests.support.console_services import NAME, open_services, person
from tests.support.watching import Watch, watch


@pytest.fixture
def house(store: Store, tmp_path: Path, clock: FixedClock) -> Watch:
    return watch(open_services(store, tmp_path, clock))


def waits(house: Watch, who: Principal) -> tuple[AskedRow, ...]:
    with house.services.store.reading() as session:
        return asked.load(house.services, session, who)


def test_owner_and_validator_are_asked_and_nobody_else(house: Watch) -> None:
    vera = person(house.services, "Vera Validator", Role.VALIDATOR)
    otis = person(house.services, "Otis Operator", Role.OPERATOR)
    house.drift(0.1, 0.1)
    assert waits(house, house.olga) == ()
    house.drift(0.3, 0.3)
    (row,) = waits(house, house.olga)
    assert (row.model, row.label, row.urgent) == (NAME, f"{NAME} v1", True)
    assert [each.metric for each in row.alerts] != []
    assert waits(house, vera) == (row,)
    assert waits(house, otis) == ()


def test_it_waits_while_somebody_looks_and_ends_with_the_alert(house: Watch) -> None:
    house.drift(0.3, 0.3)
    (alert,) = [each for each in house.open() if each.asks_for_review]
    house.services.alerts.acknowledge(house.olga, alert.alert_id, "looking")
    assert len(waits(house, house.olga)) == 1
    house.drift(0.1, 0.1, 0.1)
    assert waits(house, house.olga) == ()


def test_it_ends_when_a_review_is_requested_and_comes_back_when_that_is_withdrawn(
    house: Watch,
) -> None:
    house.drift(0.3, 0.3)
    reviews: Any = house.services.reviews
    review = reviews.request(
        house.olga, ReviewForm(NAME, 1, "champion", "Production moved; look again.", "form-1")
    )
    assert waits(house, house.olga) == ()
    reviews.withdraw(house.olga, review.review_id)
    assert len(waits(house, house.olga)) == 1
