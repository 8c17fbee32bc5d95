"""What asks by itself: an alert opens a ticket once, and is over when another version serves."""

from pathlib import Path
from typing import Any

import pytest

from services.decisions.retraining.types import Held, Ticket, Trigger
from services.kernel.clock import FixedClock
from services.kernel.identity import SYSTEM
from services.record.trail.unit_of_work import Store
from services.workflows.triggering.service import Rooms, Triggers
from services.workflows.triggering.types import Newest
from tests.support.console_services import NAME, open_services
from tests.support.recipe_book import RecipesInMemory
from tests.support.watching import DAY, POLICY, Watch, watch

PLAN = """
retraining: {on: [drift, data, schedule, labels, expiry, manual], schedule: "0 3 1 * *", cooldown_days: 3, max_per_week: 5, approvals: []}
"""


class NothingLogged:
    """A prediction log without a row."""

    def tallies(self, model: str, since: Any = None) -> list[Any]:
        del model, since
        return []


@pytest.fixture
def house(store: Store, tmp_path: Path, clock: FixedClock) -> Watch:
    made = watch(open_services(store, tmp_path, clock))
    text = (POLICY % (3, 0)).replace("then: review", "then: ticket") + PLAN
    made.services.policies.publish(SYSTEM, text.encode())
    return made


def triggers(house: Watch, newest: str = "") -> Triggers:
    s = house.services
    log: Any = NothingLogged()
    return Triggers(
        Rooms(
            s.store, s.governance, s.policies, s.gate, s.alerts, s.promotions, log, s.tickets,
            lambda session, model: Newest(newest) if newest and model == NAME else None,
        )
    )  # fmt: skip


def tickets(house: Watch) -> list[Ticket]:
    with house.services.store.reading() as session:
        return list(house.services.tickets.of_model(session, NAME))


def held(house: Watch) -> list[Held]:
    with house.services.store.reading() as session:
        return list(house.services.tickets.held_back(session, NAME))


def test_a_drift_that_says_ticket_opens_one_and_only_one(house: Watch) -> None:
    look = triggers(house)
    assert look.look() == []
    house.drift(0.3, 0.31)
    for _ in range(3):
        look.look()
    (ticket,) = tickets(house)
    (alert,) = house.open()
    assert (ticket.cause.trigger, ticket.cause.evidence) == (Trigger.DRIFT, (alert.alert_id,))
    assert (ticket.opened_by, "limit ≤ 0.20" in ticket.rationale) == ("system", True)
    assert held(house) == []


def test_a_rule_that_says_review_opens_no_ticket(house: Watch) -> None:
    text = (POLICY % (4, 0)) + PLAN
    house.services.policies.publish(SYSTEM, text.encode())
    house.drift(0.3, 0.31)
    triggers(house).look()
    assert (len(house.open()), tickets(house)) == (1, [])


def test_alarms_beside_an_open_ticket_are_held_and_said(house: Watch) -> None:
    house.drift(0.3, 0.31)
    triggers(house).look()
    made = triggers(house, "ab" * 32).look()
    assert [type(each) for each in made] == [Held]
    (only,) = held(house)
    assert (only.trigger, only.times) == (Trigger.DATA, 1)
    assert "is open for this model" in only.reason
    triggers(house, "ab" * 32).look()
    assert held(house)[0].times == 1, "it is left alone for a while"
    house.services.clock.advance(601)
    triggers(house, "ab" * 32).look()
    assert held(house)[0].times == 2


def test_the_schedule_opens_one_for_all_the_months_that_were_missed(house: Watch) -> None:
    house.services.clock.advance(70 * DAY.total_seconds())
    for _ in range(3):
        triggers(house).look()
    (ticket,) = tickets(house)
    assert ticket.cause.trigger is Trigger.SCHEDULE
    assert "2026-05-01 03:00" in ticket.cause.words


def test_without_a_recipe_nothing_is_opened_and_it_is_said(house: Watch) -> None:
    recipes: RecipesInMemory = house.services.recipes
    recipes.recipe = None
    house.drift(0.3, 0.31)
    (only,) = triggers(house).look()
    assert isinstance(only, Held)
    assert "No recipe is published" in only.reason


def test_the_alert_is_over_when_another_version_serves(house: Watch) -> None:
    house.drift(0.3, 0.31)
    triggers(house).look()
    (alert,) = house.open()
    with house.services.store.operational() as session:
        house.services.windows.end(session, house.monitor.monitor_id, house.services.clock.now())
    house.services.alerts.look()
    assert house.open() == []
    with house.services.store.reading() as session:
        over = house.services.alerts.by_id(session, alert.alert_id)
    assert over.how == "version ended"
    made = triggers(house).look()
    assert (made, len(tickets(house))) == ([], 1)
