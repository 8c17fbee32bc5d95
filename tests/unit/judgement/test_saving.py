"""What runs could have cost less, in money, and how sure that is."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.facts.service_level.types import ServingUse
from services.facts.utilisation.spot import Interruptions
from services.facts.utilisation.types import Finding, RunFacts, RunUse, Source
from services.judgement.saving import buying, rules
from services.judgement.saving.serving import Spent, caching
from services.judgement.saving.types import Confidence, SavingKind
from services.kernel.money import Money, Rate

AT = datetime(2026, 3, 14, 9, tzinfo=UTC)
H100 = Rate("p1", "gpu:h100", "gpu-hour", Money("USD", 5_000_000))
L4 = Rate("p2", "gpu:l4", "gpu-hour", Money("USD", 800_000))
RATES = {"gpu:h100": H100, "gpu:l4": L4, "gpu:t4": None}
FACTS = RunFacts("r1", "loan", "7", "fine-tune", "FINISHED", AT, AT + timedelta(hours=4), 1, "NVIDIA H100")  # fmt: skip
USE = RunUse(
    FACTS, Source.SYSTEM_METRICS, AT + timedelta(hours=4), gpus=1, gpu_hours=4.0, known_hours=2.0,
    idle_hours=1.5, busy=0.2, busy_p95=0.95, memory_peak=0.9, findings=(Finding.IDLE,),
)  # fmt: skip


def _usd(text: str) -> Money:
    return Money.parse(text, "USD")


def test_idle_hours_cost_what_was_sampled_at_least_and_all_that_was_not_at_most() -> None:
    (found,) = rules.of_runs([USE], RATES)
    assert found.kind is SavingKind.IDLE_GPU
    assert found.worth is not None
    assert found.worth.lo == _usd("7.50")
    assert found.worth.amount == _usd("15.00")
    assert found.worth.hi == _usd("17.50")
    assert found.runs == ("r1",)
    assert found.key == "idle_gpu:loan:gpu:h100"
    assert found.confidence is Confidence.MEDIUM
    assert {each.name: each.value for each in found.evidence}["GPU hours sampled"] == "2.00"


def test_three_whole_runs_are_sure_and_sample_prices_never() -> None:
    whole = replace(USE, known_hours=4.0, idle_hours=3.0)
    runs = [replace(whole, facts=replace(FACTS, run_id=f"r{n}")) for n in range(3)]
    (found,) = rules.of_runs(runs, RATES)
    assert found.confidence is Confidence.HIGH
    sampled = {**RATES, "gpu:h100": replace(H100, sample=True)}
    (unsure,) = rules.of_runs(runs, sampled)
    assert unsure.confidence is Confidence.LOW
    assert unsure.because.endswith("sample prices")


def test_without_a_price_the_money_is_unknown_and_never_nothing() -> None:
    (found,) = rules.of_runs([USE], {})
    assert found.worth is None


def test_the_cheapest_type_in_which_every_run_fits_is_named() -> None:
    small = replace(USE, findings=(Finding.OVER_SIZED,), smaller=("gpu:t4", "gpu:l4", "gpu:a100"), busy_p95=0.08)  # fmt: skip
    (found,) = rules.of_runs([small], RATES)
    assert found.kind is SavingKind.RIGHT_SIZE
    assert "L4" in found.words
    assert found.worth is not None
    assert found.worth.amount == found.worth.hi == _usd("16.80")
    slower = max(989 / 121, 3350 / 300)
    longest = 4 * 5 - 0.8 * 4 * (1 + 0.2 * (slower - 1))
    assert float(found.worth.lo.decimal) == pytest.approx(longest, abs=1e-5)
    none = rules.of_runs([small], {"gpu:h100": H100, "gpu:l4": replace(L4, each=_usd("9"))})
    assert [each.kind for each in none] == []


def test_a_run_bound_by_processors_saves_the_hours_it_waited() -> None:
    bound = replace(USE, findings=(Finding.CPU_BOUND,), starved_share=0.75)
    (found,) = rules.of_runs([bound], RATES)
    assert found.kind is SavingKind.CPU_BOUND
    assert found.worth is not None
    assert (found.worth.lo, found.worth.amount) == (_usd("7.50"), _usd("15.00"))


def test_runs_that_need_a_third_of_a_gpu_share_one() -> None:
    light = replace(USE, findings=(), busy_p95=0.3, memory_peak=0.2)
    (found,) = rules.of_runs([light], RATES)
    assert found.kind is SavingKind.TIME_SHARING
    assert found.worth is not None
    assert found.worth.amount == Money("USD", 13_333_335)
    assert found.worth.lo == _usd("0")


def test_runs_of_which_nothing_is_known_ask_for_nothing() -> None:
    blind = RunUse(FACTS, Source.NOBODY, AT, gpus=8, gpu_hours=80)
    assert rules.of_runs([blind], RATES) == []


def test_runs_of_no_model_are_told_by_their_experiment() -> None:
    stray = replace(USE, facts=replace(FACTS, model=""))
    (found,) = rules.of_runs([stray], RATES)
    assert found.key == "idle_gpu:experiment 7:gpu:h100"


ASKED = ServingUse(
    "loan", 1, date(2026, 2, 1), date(2026, 3, 2), 4_000, 4_000, 400, 1_000, 0.02, 15.0, 40.0, {}, None,
    datetime(2026, 3, 3, tzinfo=UTC),
)  # fmt: skip


def test_a_cache_saves_what_was_asked_before() -> None:
    found = caching([ASKED, replace(ASKED, version=2)], Spent(_usd("200"), measured=True))
    assert found is not None
    assert found.kind is SavingKind.CACHING
    assert found.worth is not None
    assert (found.worth.amount, found.worth.lo, found.worth.hi) == (
        _usd("20"), _usd("20"), _usd("50"),
    )  # fmt: skip
    assert found.confidence is Confidence.HIGH
    estimated = caching([ASKED], Spent(_usd("200")))
    assert estimated is not None
    assert estimated.confidence is Confidence.MEDIUM
    unpriced = caching([ASKED], Spent(None))
    assert unpriced is not None
    assert unpriced.worth is None


def test_questions_that_hardly_repeat_or_cannot_be_compared_ask_for_no_cache() -> None:
    assert caching([replace(ASKED, again_by_day=100)], Spent(_usd("200"), measured=True)) is None
    assert caching([replace(ASKED, comparable=0)], Spent(_usd("200"), measured=True)) is None
    few = caching([replace(ASKED, comparable=100, again_by_day=50, again=60)], Spent(_usd("1"), measured=True))  # fmt: skip
    assert few is not None
    assert few.confidence is Confidence.LOW


def test_spot_is_recommended_only_where_interruptions_were_observed() -> None:
    (group,) = rules.groups([USE])
    spot = replace(H100, each=_usd("2.5"))
    assert buying.on_spot(group, H100, spot, Interruptions(500.0, 0)) is None
    assert buying.on_spot(group, H100, None, Interruptions(500.0, 10)) is None
    found = buying.on_spot(group, H100, spot, Interruptions(500.0, 10))
    assert found is not None
    assert found.worth is not None
    lost = 50 * math.expm1(4 / 50)
    assert float(found.worth.amount.decimal) == pytest.approx(20 * (1 - 0.5 * lost / 4), abs=1e-4)
    assert found.worth.lo < found.worth.amount < found.worth.hi
    assert {each.name: each.value for each in found.evidence}["interruptions observed"] == "10"
    assert buying.on_spot(group, H100, spot, Interruptions(5.0, 10)) is None
