"""The page Cost as people meet it: sums beside what is not in them, and only what they may see."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from streamlit.testing.v1 import AppTest

from console.actions.cost_chargeback import writing
from console.views.cost import beside
from services.decisions.review.types import ReviewForm
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.judgement.gate.rules import judge
from services.judgement.gate.types import Case, Reason, Result
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.people.account.types import Principal
from services.standards.budget.types import BudgetForm, Scope, Span
from services.standards.policy.rules import parse
from services.workflows.costing.evidencing import Evidencing, Rooms, TrainingEvidencing
from services.workflows.costing.ownership import made
from tests.support.app import ROOT, opened, words
from tests.support.console_services import NAME, govern, measure, person

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "cost-1.json").read_text())
TRAINING_SCHEMA = json.loads((ROOT / "docs" / "schemas" / "training_cost-1.json").read_text())


@pytest.fixture
def olga(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER, Role.OPERATOR)
    govern(services, made)
    return made


def entry(services: Any, source: str, micros: int | None, model: str = NAME, **more: Any) -> Entry:
    at = services.clock.now() - timedelta(hours=1)
    amount = Money(more.pop("currency", "USD"), micros) if micros is not None else None
    kind, team = more.pop("kind", CostKind.SERVING), "lending" if model else ""
    start, end = more.pop("starts_at", at), more.pop("ends_at", at + timedelta(minutes=5))
    return Entry(
        source, kind, Use("cpu", "cpu-hour", Decimal(1)), amount, Bearer(model, 1, team=team),
        start, end, **more,
    )  # fmt: skip


def add(services: Any, entries: Sequence[Entry]) -> None:
    with services.store.unit(SYSTEM) as unit:
        services.ledger.add(unit, entries)


def chosen(at: AppTest, label: str) -> Any:
    return next(each for each in at.selectbox if each.label == label)


def test_without_a_line_the_page_says_where_lines_come_from(services: Any, olga: Principal) -> None:
    said = words(opened(services, olga, "cost"))
    assert "No cost in" in said
    assert "a bill is imported" in said


def test_sums_say_what_is_not_in_them(services: Any, olga: Principal) -> None:
    services.prices.publish_sample()
    with services.store.reading() as session:
        price = services.prices.all(session)[0].price_id
    add(services, [
        entry(services, "a", 12_340_000, price_id=price, requests=1_000, kwh=Decimal(2), kg=Decimal("0.5")),
        entry(services, "b", 660_000, kind=CostKind.TRAINING, estimated=False),
        entry(services, "c", None), entry(services, "d", 500_000, currency="EUR"),
        entry(services, "e", 1_000_000, model="", kind=CostKind.STORAGE, estimated=False),
    ])  # fmt: skip
    said = words(opened(services, olga, "cost"))
    assert "14.00 USD" in said
    assert "88 %" in said  # 12.34 of 14.00
    assert "1 line has no price" in said
    assert "in other currencies: 0.50 EUR" in said
    assert "sample prices" in said
    assert "2.000 kWh" in said
    assert "0.500 kg" in said
    assert "No model" in said
    assert "Lending" in said


def test_the_address_filters_and_asks_for_a_currency(services: Any, olga: Principal) -> None:
    add(services, [
        entry(services, "a", 12_340_000), entry(services, "b", 660_000, kind=CostKind.TRAINING),
        entry(services, "c", 500_000, currency="EUR"),
    ])  # fmt: skip
    at = opened(services, olga, "cost", kind="training", model=NAME)
    assert "0.66 USD" in words(at)
    assert "13.00 USD" not in words(at)
    assert chosen(at, "Kind").value == "training"
    chosen(at, "Kind").set_value("")
    chosen(at, "Currency").set_value("EUR")
    assert "0.50 EUR" in words(at.run())
    assert dict(at.query_params) == {"model": NAME, "currency": "EUR"}


def test_nobody_reads_costs_of_a_model_that_is_not_theirs(services: Any, olga: Principal) -> None:
    add(services, [entry(services, "a", 2_000_000), entry(services, "b", 1_000_000, "secret")])
    made = services.accounts.create(SYSTEM, "vera@example.org", "Vera", ("vera",), ())
    services.accounts.grant(SYSTEM, made.person_id, "viewer", ("model", NAME))
    with services.store.reading() as session:
        vera = services.accounts.principal(session, made.person_id, "s2", services.clock.now())
    said = words(opened(services, vera, "cost"))
    assert "2.00 USD" in said
    assert "secret" not in said
    assert "3.00 USD" in words(opened(services, olga, "cost"))


def test_a_model_shows_what_its_versions_cost_and_where_each_number_comes_from(
    services: Any, olga: Principal
) -> None:
    services.prices.publish_sample()
    with services.store.reading() as session:
        price = next(p for p in services.prices.all(session) if p.sku == "cpu")
        made = services.registry.ref(session, NAME, 2).run_id
    train = replace(
        entry(services, "t", 3_500_000, kind=CostKind.TRAINING), bearer=Bearer(NAME, run_id=made)
    )
    services.grids.publish_sample()
    with services.store.reading() as session:
        grid = services.grids.rate(session, "DE", services.clock.now())
    serves = entry(services, "s", 500_000, requests=2_000, price_id=price.price_id, kwh=Decimal(1), kg=grid.of(Decimal(1)), grid_id=grid.grid_id)  # fmt: skip
    add(services, [train, serves])
    said = words(opened(services, olga, "model", name=NAME, tab="Cost"))
    assert "v1" in said
    assert "v2" in said
    assert "3.50 USD" in said
    assert "0.25 USD" in said  # 1,000 predictions
    assert "15.00 USD" in said  # 30 days as the one it served
    assert "sample price" in said
    assert "CO₂e by the grid of DE 0.381 kg a kWh from 1 Jan 2023: Sample" in said.replace("\\", "")
    assert "the world" in words(opened(services, olga, "cost", tab="Prices"))
    with services.store.reading() as session:
        event = services.trail.search(session, action="cost:recorded", limit=1)[0].seq
    assert f"event={event}" in said


def test_the_month_stands_against_its_budgets_and_says_what_it_is_likely_to_end_at(
    services: Any, olga: Principal
) -> None:
    held = BudgetForm(Scope.TEAM, "lending", Span.MONTH, Money("USD", 20_000_000), olga.person_id)
    services.budgets.set(olga, held, "lending")
    days = [entry(services, "now", 1_000_000)]
    for back in range(1, 29):
        then = days[0].starts_at - timedelta(days=back)
        days.append(replace(days[0], source_id=f"d{back}", starts_at=then, ends_at=then))
    add(services, days[:1])
    said = words(opened(services, olga, "cost"))
    assert "it takes two weeks of days to tell" in said
    assert "5 %" in said
    add(services, days[1:])
    said = words(opened(services, olga, "cost"))
    assert "Running out" in said  # 14 of 20 is beyond the half
    assert "Team Lending" in said
    assert "70 %" in said
    assert "31.00 USD" in said  # every day costs the same
    assert "likely at its end; weeks before were all alike" in said


def test_a_chargeback_is_offered_for_a_month_and_written_when_it_is_asked_for(
    services: Any, olga: Principal
) -> None:
    add(services, [entry(services, "a", 2_000_001, requests=5_000)])
    at = opened(services, olga, "cost")
    assert "0.40 USD" in words(at)  # 1,000 predictions
    assert "Chargeback by team" in words(at)
    with services.store.reading() as session:
        assert not services.trail.search(session, action="export:made", limit=1)
    month = services.clock.now().date().replace(day=1)
    paper = writing(services, olga, month, "csv")().decode()
    assert '"2.000001","2000001"' in paper
    assert "Chargeback by team" not in words(opened(services, olga, "cost", period="12m"))


def test_a_review_shows_what_the_candidate_costs_beside_the_champion(
    services: Any, olga: Principal
) -> None:
    measure(services, 2)
    review = services.reviews.request(
        olga, ReviewForm(NAME, 2, "champion", "More accurate on the holdout.", "k")
    )
    said = words(opened(services, olga, "review", id=review.review_id))
    assert "no line of either version" in said
    with services.store.reading() as session:
        made = services.registry.ref(session, NAME, 2).run_id
    train = replace(
        entry(services, "t", 3_500_000), kind=CostKind.TRAINING, bearer=Bearer(NAME, run_id=made)
    )
    add(services, [train])
    said = words(opened(services, olga, "review", id=review.review_id))
    assert "3.50 USD" in said
    assert "it never served" in said
    assert "Estimated from hours and prices" in said


def test_a_candidate_is_held_against_the_traffic_of_the_champion(
    services: Any, olga: Principal
) -> None:
    serves = entry(services, "one", 1_000_000, requests=1_000)
    shadow = entry(services, "two", 100_000, requests=50)
    add(services, [serves, replace(shadow, bearer=Bearer(NAME, 2))])
    found = beside.load(services, NAME, 2, 1)
    assert [(row.candidate, row.champion, row.change) for row in found.rows] == [
        ("unknown: no line of it", "unknown", ""),
        ("2.00 USD", "1.00 USD", "+100 %"),
        ("60.00 USD", "30.00 USD", "+100 %"),
    ]


POLICY = parse(b"""
policy: frugal
version: 1
applies_to: {tier: [high]}
evidence: {performance: {max_age_days: 180, min_n: 100}, training_cost: {}}
clauses:
  - {id: auc, metric: performance.auc, at_least: 0.5}
  - {id: cheap, metric: cost.usd_per_1000_predictions, at_most: 0.50, live: true}
  - {id: month, metric: cost.usd_per_month, at_most: 10.00, live: true}
  - {id: made, metric: training_cost.usd, at_most: 5.00}
review: {quorum: {validator: 1}}
""")


def rooms(services: Any) -> Rooms:
    return Rooms(
        services.clock, services.store, services.registry, services.evidence, services.prices,
        lambda session, model: made(services.registry, services.tickets, session, model),
    )  # fmt: skip


def judged(services: Any, clause: str = "cheap", version: int = 1, *, served: bool = True) -> Any:
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, version)
        filed = services.evidence.latest_by_kind(session, ref)
    case = Case(ref, "champion", filed, served=served)
    found = judge(POLICY, case, services.clock.now()).clauses
    return next(each for each in found if each.id == clause)


def test_a_policy_may_limit_what_a_thousand_predictions_cost(
    services: Any, olga: Principal
) -> None:
    duty = Evidencing(rooms(services))
    assert (judged(services).result, judged(services).reason) == (Result.UNKNOWN, Reason.MISSING)
    assert judged(services, served=False).result is Result.NOT_APPLICABLE
    cheap = entry(services, "one", 400_000, requests=1_000)
    back = services.clock.now() - timedelta(days=2)
    add(services, [replace(cheap, starts_at=back, ends_at=back)])
    assert duty.look() == 1
    assert duty.look() == 0
    clause = judged(services)
    assert (clause.result, clause.value, clause.n) == (Result.PASS, 0.4, 1_000)
    with services.store.reading() as session:
        held = services.evidence.latest(session, services.registry.ref(session, NAME, 1), "cost")
        payload = services.evidence.payload(held)
    jsonschema.validate(payload, SCHEMA)
    assert (payload["usd_per_1000"], payload["usd_per_month"]) == ("0.40", "6.00")  # in two days
    assert payload["traffic"] == "own"
    assert (judged(services, "month").result, judged(services, "month").value) == (Result.PASS, 6.0)
    services.clock.advance(86_400)
    then = services.clock.now() - timedelta(days=1)
    add(services, [entry(services, "x", None, requests=9, starts_at=then, ends_at=then)])
    assert duty.look() == 1
    assert (judged(services).result, judged(services).reason) == (Result.UNKNOWN, Reason.ERROR)
    services.clock.advance(86_400)
    add(services, [entry(services, "y", 10_000_000, corrects="x", starts_at=then, ends_at=then)])
    assert duty.look() == 1
    assert judged(services).result is Result.FAIL
    services.clock.advance(4 * 86_400)
    assert judged(services).reason is Reason.STALE


def test_a_policy_may_limit_what_making_a_version_cost_before_it_serves(
    services: Any, olga: Principal
) -> None:
    duty = TrainingEvidencing(rooms(services))
    with services.store.reading() as session:
        runs = {n: services.registry.ref(session, NAME, n).run_id for n in (1, 2)}
    ran = replace(entry(services, "t", 3_500_000, kind=CostKind.TRAINING), bearer=Bearer(NAME, run_id=runs[2]))  # fmt: skip
    blind = replace(ran, source_id="u", amount=None, bearer=Bearer(NAME, run_id=runs[1]))
    add(services, [ran, blind])
    assert judged(services, "made", 2, served=False).reason is Reason.MISSING
    assert duty.look() == 2
    assert duty.look() == 0
    clause = judged(services, "made", 2, served=False)
    assert (clause.result, clause.value) == (Result.PASS, 3.5)
    assert judged(services, "made", 1).reason is Reason.ERROR  # a line of it has no price
    with services.store.reading() as session:
        ref = services.registry.ref(session, NAME, 2)
        payload = services.evidence.payload(services.evidence.latest(session, ref, "training_cost"))
    jsonschema.validate(payload, TRAINING_SCHEMA)
    services.clock.advance(600)
    add(services, [replace(ran, source_id="v")])
    assert duty.look() == 1
    assert judged(services, "made", 2).result is Result.FAIL
    services.clock.advance(600)
    assert duty.look() == 0
    assert TrainingEvidencing(rooms(services)).look() == 0
