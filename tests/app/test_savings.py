"""The tabs Runs and Savings: what nobody measured is said so, and a person decides what is done."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from console.views.cost import hosting
from services.facts.cost.types import Bearer, CostKind, Entry, Method, Use
from services.facts.service_level.types import ServingUse
from services.facts.utilisation.types import Finding, RunFacts, RunUse, Source
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.people.account.types import Principal
from services.workflows.costing.asking import proposals
from services.workflows.costing.saving import Recommending, Rooms
from tests.support.app import opened, words
from tests.support.console_services import NAME, govern, person


@pytest.fixture
def olga(services: Any) -> Principal:
    made = person(services, "Olga Owner", Role.OWNER, Role.OPERATOR)
    govern(services, made)
    services.prices.publish_sample()
    return made


def ran(services: Any, name: str, model: str = NAME, *, known: bool = True) -> None:
    now = services.clock.now()
    facts = RunFacts(name, model, "7", name, "FINISHED", now - timedelta(hours=4), now, 1, "NVIDIA H100")  # fmt: skip
    use = RunUse(facts, Source.NOBODY, now, gpus=1, gpu_hours=4.0)
    if known:
        use = RunUse(
            facts, Source.SYSTEM_METRICS, now, gpus=1, gpu_hours=4.0, known_hours=4.0, idle_hours=3.5,
            busy=0.02, busy_p95=0.08, memory_peak=0.1, findings=(Finding.IDLE, Finding.OVER_SIZED),
            smaller=("gpu:t4", "gpu:l4"),
        )  # fmt: skip
    services.utilisation.keep([(use, True)])


def recommend(services: Any) -> None:
    Recommending(
        Rooms(services.store, services.utilisation, services.savings, services.prices)
    ).look()


def pressed(at: Any, label: str) -> Any:
    return next(each for each in at.button if each.label == label).click()


def test_without_a_gpu_the_tabs_say_how_to_log_one(services: Any, olga: Principal) -> None:
    said = words(opened(services, olga, "cost", tab="Runs"))
    assert "No GPU was seen at work" in said
    assert "mlflow.enable_system_metrics_logging()" in said
    assert "Nothing to save yet" in words(opened(services, olga, "cost", tab="Savings"))


def test_an_idle_gpu_run_is_found_and_an_unmeasured_one_is_unknown(
    services: Any, olga: Principal
) -> None:
    ran(services, "notebook")
    ran(services, "blind", known=False)
    said = words(opened(services, olga, "cost", tab="Runs"))
    assert said.index("notebook") < said.index("blind")
    assert "3.5 h" in said
    assert "Idle" in said
    assert "18.40 USD on T4" in said
    assert "1 run held GPUs of which nobody knows" in said
    assert "What spot would have saved is unknown" in said
    filtered = words(opened(services, olga, "cost", tab="Runs", finding="cpu_bound"))
    assert "No run of thirty days shows this" in filtered


def test_nobody_sees_the_runs_of_models_that_are_not_theirs(services: Any, olga: Principal) -> None:
    ran(services, "theirs", "churn-mobile")
    ran(services, "ours")
    recommend(services)
    vera = person(services, "Vera Viewer")
    for tab in ("Runs", "Savings"):
        said = words(opened(services, vera, "cost", tab=tab))
        assert "theirs" not in said
        assert "churn-mobile" not in said
    assert "churn-mobile" in words(opened(services, olga, "cost", tab="Savings"))


def test_a_recommendation_is_dismissed_with_a_reason(services: Any, olga: Principal) -> None:
    ran(services, "notebook")
    recommend(services)
    at = opened(services, olga, "cost", tab="Savings")
    assert "Let go of idle GPUs" in [each.label for each in at.get("page_link")]
    assert "17.50 USD a month" in words(at)
    assert "sample prices" in words(at)
    with services.store.reading() as session:
        found = {
            each.proposal.kind.value: each.saving_id for each in services.savings.find(session)
        }
    one = opened(services, olga, "cost", tab="Savings", id=found["idle_gpu"])
    said = words(one)
    assert "1 run, 100 % of their GPU hours sampled, sample prices" in said
    assert "idle GPU hours, sampled" in said
    after = pressed(one, "Dismiss").run()
    assert any("Say why" in each.value for each in [*after.error, *after.markdown])
    next(each for each in after.text_area if each.label == "Reason").set_value("We debug on it.")
    done = pressed(after, "Dismiss").run()
    assert "Dismissed" in words(done)
    assert "We debug on it." in words(done)


def test_who_may_not_decide_is_told_who_may(services: Any, olga: Principal) -> None:
    ran(services, "notebook")
    recommend(services)
    with services.store.reading() as session:
        saving_id = services.savings.find(session)[0].saving_id
    nina = person(services, "Nina Contributor", Role.CONTRIBUTOR)
    at = opened(services, nina, "cost", tab="Savings", id=saving_id)
    assert "An owner of the model or an operator decides" in words(at)
    assert not [each for each in at.button if each.label == "Dismiss"]


def served(services: Any, model: str = NAME, **more: Any) -> None:
    today = services.clock.now().date()
    use = ServingUse(
        model, 1, today - timedelta(days=30), today - timedelta(days=1), 10_000, 10_000, 2_000, 4_000,
        0.2, 150.0, 300.0, dict.fromkeys(range(20), 500), 300_000_000, services.clock.now(),
    )  # fmt: skip
    services.serving_uses.keep(replace(use, **more))


def test_serving_says_what_answers_cost_and_what_is_estimated(
    services: Any, olga: Principal
) -> None:
    assert "Nothing was asked yet" in words(opened(services, olga, "cost", tab="Serving"))
    served(services)
    unpriced = words(opened(services, olga, "cost", tab="Serving"))
    assert "unknown" in unpriced
    at = services.clock.now() - timedelta(days=2)
    with services.store.reading() as session:
        sample = services.prices.all(session)[0].price_id
    line = Entry(
        "s", CostKind.SERVING, Use("cpu", "cpu-hour", Decimal(1)), Money.parse("50.00", "USD"),
        Bearer(NAME, 1), at, at, price_id=sample, requests=10_000, method=Method.REQUESTS,
    )  # fmt: skip
    with services.store.unit(SYSTEM) as unit:
        services.ledger.add(unit, [line])
    said = words(opened(services, olga, "cost", tab="Serving"))
    assert "5.00 USD" in said
    assert "estimated" in said
    assert "sample prices" in said
    assert "20 % to 40 %" in said
    assert "10.00 USD to 20.00 USD" in said
    assert "quantise or prune" in said
    assert "12,600 an hour" in said  # seven tenths of 3,600 s over 0.2 s
    assert "nobody knows what serves it" in said
    found = proposals_of(services)
    assert [each.worth.amount.decimal for each in found] == ["10.00"]


def proposals_of(services: Any) -> Any:
    with services.store.reading() as session:
        return proposals(
            session, services.clock.now(), services.serving_uses, services.ledger, services.prices
        )


def test_own_hosts_stand_beside_paying_by_request_with_what_that_rests_on(
    services: Any, olga: Principal
) -> None:
    served(services)
    tags = {f"countersign.serving.{name}": value for name, value in (("cpus", "2"), ("memory_gb", "4"), ("concurrency", "8"))}  # fmt: skip
    known = services.registry
    services.registry = SimpleNamespace(
        model=lambda *_: SimpleNamespace(tags=tags),
        version=lambda *_: SimpleNamespace(tags={}),
    )
    with services.store.reading() as session:
        found = services.serving_uses.find(session, (NAME,))
        (row,) = hosting.rows(services, session, [found], services.clock.now())
    services.registry = known
    assert (row.requests, row.hosts, row.own) == ("10,000", "1 host", "72.00 USD")  # 720 h of 0.10
    assert row.by_request == "0.14 USD"  # 4 GB for 0.2 s, ten thousand times, and the requests
    assert (row.word, row.sample, row.missing) == ("By request", True, ())
    rests = {name: (value, where) for name, value, where in row.rests_on}
    assert rests["price of serverless"][0] == "0.0002 USD for 1,000 requests"
    assert "Sample" in rests["price of serverless:memory"][1]
    assert rests["answered at once by a host"][0] == "8"
