"""What could cost less: recommended once, decided by those who may, and tracked in the ledger after."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.facts.cost.service import Ledger
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.facts.utilisation.service import Utilisation
from services.facts.utilisation.types import Finding, RunFacts, RunUse, Source
from services.judgement.saving.service import Savings
from services.judgement.saving.types import Confidence, Recommendation, SavingKind, SavingState
from services.kernel.clock import FixedClock
from services.kernel.error import InvalidInput, InvalidTransition, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.people.account.types import Grant, Principal
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.governance.service import Governance
from services.standards.price.service import Prices
from services.workflows.costing.saving import Recommending, Rooms

DAY = 86_400


def holding(role: Role, kind: str = "everything", name: str = "") -> Principal:
    signed_in = datetime(2026, 3, 14, tzinfo=UTC)
    grants = (Grant("p", role, kind, name),)
    return Principal("p", "Pat", "pat@example.org", grants, (), "s", signed_in)


OPERATOR = holding(Role.OPERATOR)


class Bench:
    """Runs that were audited, a ledger, and the duty that recommends."""

    def __init__(self, store: Store) -> None:
        authority = Authority()
        self.store, self.ledger = store, Ledger()
        self.kept, prices = Utilisation(store), Prices(store, authority)
        prices.publish_sample()
        self.savings = Savings(store, authority, Governance(store, authority), self.ledger)
        self.duty = Recommending(Rooms(store, self.kept, self.savings, prices))

    def ran(self, run_id: str, *findings: Finding, idle: float = 3.0) -> None:
        began = self.store.clock.now() - timedelta(hours=4)
        facts = RunFacts(run_id, "loan", "7", run_id, "FINISHED", began, self.store.clock.now(), 1, "h100")  # fmt: skip
        use = RunUse(
            facts, Source.SYSTEM_METRICS, self.store.clock.now(), gpus=1, gpu_hours=4.0,
            known_hours=4.0, idle_hours=idle, busy=0.1, busy_p95=0.9, memory_peak=0.9,
            findings=findings,
        )  # fmt: skip
        self.kept.keep([(use, True)])

    def spend(self, days_ago: int, amount: str | None, kind: CostKind = CostKind.TRAINING) -> None:
        at = self.store.clock.now() - timedelta(days=days_ago)
        money = Money.parse(amount, "USD") if amount else None
        entry = Entry(f"{kind}:{at:%m%d}:{amount}", kind, Use("gpu:h100", "gpu-hour", Decimal(1)), money, Bearer("loan"), at, at)  # fmt: skip
        with self.store.unit(SYSTEM) as unit:
            self.ledger.add(unit, [entry])

    def now(self, saving_id: str) -> Recommendation:
        with self.store.reading() as session:
            return self.savings.by_id(session, saving_id)


@pytest.fixture
def bench(sqlite_store: Store) -> Bench:
    return Bench(sqlite_store)


def test_an_idle_run_is_recommended_once_and_an_open_one_follows_its_money(
    bench: Bench, clock: FixedClock
) -> None:
    bench.ran("a", Finding.IDLE)
    (made,) = bench.duty.look()
    assert made.proposal.kind is SavingKind.IDLE_GPU
    assert made.proposal.worth is not None
    assert made.proposal.worth.amount == Money.parse("15.00", "USD")
    assert made.proposal.confidence is Confidence.LOW
    assert "sample prices" in made.proposal.because
    clock.advance(DAY)
    assert bench.duty.look() == []
    bench.ran("b", Finding.IDLE)
    clock.advance(DAY)
    (more,) = bench.duty.look()
    assert more.saving_id == made.saving_id
    assert more.proposal.worth is not None
    assert more.proposal.worth.amount == Money.parse("30.00", "USD")
    with bench.store.reading() as session:
        assert [r.proposal for r in bench.savings.history(session, made.saving_id)] == [
            made.proposal, more.proposal,
        ]  # fmt: skip


def test_what_was_dismissed_with_a_reason_stays_so(bench: Bench, clock: FixedClock) -> None:
    bench.ran("a", Finding.IDLE)
    (made,) = bench.duty.look()
    with pytest.raises(InvalidInput, match="Say why"):
        bench.savings.dismiss(OPERATOR, made.saving_id, "  ")
    with pytest.raises(NotPermitted):
        bench.savings.dismiss(holding(Role.CONTRIBUTOR), made.saving_id, "No.")
    with pytest.raises(NotPermitted):
        bench.savings.dismiss(holding(Role.OWNER, "model", "other"), made.saving_id, "No.")
    over = bench.savings.dismiss(
        holding(Role.OWNER, "model", "loan"), made.saving_id, "We debug on it."
    )
    assert (over.state, over.reason, over.handled_by) == (
        SavingState.DISMISSED, "We debug on it.", "p",
    )  # fmt: skip
    with pytest.raises(InvalidTransition):
        bench.savings.done(OPERATOR, made.saving_id)
    clock.advance(3 * DAY)
    bench.ran("b", Finding.IDLE)
    assert bench.duty.look() == []
    assert bench.savings.reopen(OPERATOR, made.saving_id).is_open
    with bench.store.reading() as session:
        words = [e.action for e in Trail(bench.store).search(session, subject=("saving", made.saving_id))]  # fmt: skip
    assert sorted(words) == ["saving:dismissed", "saving:recommended", "saving:reopened"]


def test_the_saving_is_what_the_same_thing_cost_before_and_after(
    bench: Bench, clock: FixedClock
) -> None:
    bench.ran("a", Finding.IDLE)
    (made,) = bench.duty.look()
    for days_ago in range(1, 41):
        bench.spend(days_ago, "10.00")
    bench.spend(1, "500.00", CostKind.SERVING)
    bench.spend(0, "77.00")
    done = bench.savings.done(OPERATOR, made.saving_id, "Notebooks stop by themselves now.")
    with bench.store.reading() as session:
        assert bench.savings.tracked(session, done, clock.now()) is None
    for _ in range(11):
        clock.advance(DAY)
        bench.spend(1, "4.00")
    with bench.store.reading() as session:
        found = bench.savings.tracked(session, done, clock.now())
    assert found is not None
    assert (found.days, found.before, found.after) == (
        10, Money.parse("100.00", "USD"), Money.parse("40.00", "USD"),
    )  # fmt: skip
    assert found.saved == Money.parse("60.00", "USD")
    assert (found.unpriced, found.elsewhere) == (0, False)
    bench.spend(2, None)
    with bench.store.reading() as session:
        unsure = bench.savings.tracked(session, done, clock.now())
    assert unsure is not None
    assert unsure.unpriced == 1


def test_what_later_runs_no_longer_show_is_seen_as_done(bench: Bench, clock: FixedClock) -> None:
    bench.ran("a", Finding.IDLE)
    (made,) = bench.duty.look()
    for name in ("b", "c"):
        clock.advance(DAY)
        bench.ran(name, idle=0.0)
    bench.duty.look()
    assert bench.now(made.saving_id).is_open
    clock.advance(DAY)
    bench.ran("d", idle=0.0)
    bench.duty.look()
    over = bench.now(made.saving_id)
    assert (over.state, over.handled_by) == (SavingState.DONE, None)
    assert over.reason.startswith("Seen in 3 later runs")


def test_what_was_done_is_recommended_again_when_it_comes_back(
    bench: Bench, clock: FixedClock
) -> None:
    bench.ran("a", Finding.IDLE)
    (made,) = bench.duty.look()
    bench.savings.done(OPERATOR, made.saving_id)
    clock.advance(10 * DAY)
    bench.ran("b", Finding.IDLE)
    assert bench.duty.look() == []
    clock.advance(21 * DAY)
    bench.ran("c", Finding.IDLE)
    (again,) = bench.duty.look()
    assert again.saving_id != made.saving_id


def test_runs_of_which_nobody_knows_anything_ask_for_nothing(bench: Bench) -> None:
    now = bench.store.clock.now()
    facts = RunFacts("x", "loan", "7", "x", "FINISHED", now - timedelta(hours=9), now, 8, "h100")
    bench.kept.keep([(RunUse(facts, Source.NOBODY, now, gpus=8, gpu_hours=72), True)])
    assert bench.duty.look() == []
    bench.ran("y", Finding.IDLE)
    changed = replace(facts, run_id="z", gpu_type="a type without a price")
    bench.kept.keep([(RunUse(changed, Source.SYSTEM_METRICS, now, gpus=1, gpu_hours=2, known_hours=2, idle_hours=2, findings=(Finding.IDLE,)), True)])  # fmt: skip
    made = Recommending(Rooms(bench.store, bench.kept, bench.savings, Prices(bench.store, Authority()))).look()  # fmt: skip
    assert {each.proposal.worth is None for each in made} == {True, False}
