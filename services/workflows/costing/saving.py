"""Recommending what could cost less, and seeing what was done: from what the last thirty days showed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from services.decisions.retraining import attempts
from services.decisions.retraining.types import Attempt
from services.facts.cost.rules import gpu_sku
from services.facts.utilisation.hardware import TYPES
from services.facts.utilisation.service import Utilisation
from services.facts.utilisation.spot import Interruptions
from services.facts.utilisation.types import Finding, RunUse
from services.judgement.saving import rules
from services.judgement.saving.buying import on_spot
from services.judgement.saving.service import Savings
from services.judgement.saving.types import Proposal, Recommendation, SavingKind, SavingState
from services.kernel.identity import SYSTEM
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store
from services.standards.price.service import Prices
from services.standards.price.types import Market, Term

EVERY = timedelta(minutes=10)
MONTH, QUARTER = timedelta(days=30), timedelta(days=90)
MOST_RUNS = 5_000
LATER_RUNS = 3
"""So many later runs without it show that something was done."""
SHOWN_BY = {
    SavingKind.IDLE_GPU: Finding.IDLE,
    SavingKind.RIGHT_SIZE: Finding.OVER_SIZED,
    SavingKind.CPU_BOUND: Finding.CPU_BOUND,
}
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rooms:
    """What recommending works with.

    Attributes
    ----------
    others
        What else proposes: of serving, of storage.
    """

    store: Store
    utilisation: Utilisation
    savings: Savings
    prices: Prices
    others: tuple[Callable[[Session, datetime], list[Proposal]], ...] = ()


class Recommending:
    """A duty that one worker does for all."""

    def __init__(self, rooms: Rooms) -> None:
        self._at = rooms
        self._last: datetime | None = None

    def look(self) -> list[Recommendation]:
        """Recommend what the last thirty days showed; at most every ten minutes."""
        now = self._at.store.clock.now()
        if self._last is not None and now - self._last < EVERY:
            return []
        self._last = now
        with self._at.store.reading() as session:
            uses = self._at.utilisation.runs(session, Period(now - MONTH, now), limit=MOST_RUNS)
            proposals = self._of_runs(session, uses, now)
            proposals += [each for ask in self._at.others for each in ask(session, now)]
            waiting = self._at.savings.find(session, states=[SavingState.OPEN])
        made = self._at.savings.recommend(SYSTEM, proposals)
        for each in waiting:
            if words := shown(each, uses):
                self._at.savings.seen_done(SYSTEM, each.saving_id, words)
        if made:
            log.info("savings recommended", count=len(made))
        return made

    def _of_runs(self, session: Session, uses: Sequence[RunUse], now: datetime) -> list[Proposal]:
        held = {gpu_sku(use.facts.gpu_type) for use in uses} | {each.sku for each in TYPES}
        currency = currency_of(session, self._at.prices, sorted(held), now)
        own = self._at.prices.rates(session, held, now, currency)
        spot = self._at.prices.rates(session, held, now, currency, Market(term=Term.SPOT))
        seen = interruptions(session, now)
        found = rules.of_runs(uses, own)
        made = (
            on_spot(group, own.get(group.sku), spot.get(group.sku), seen)
            for group in rules.groups(uses)
        )
        return found + [each for each in made if each is not None]


def currency_of(session: Session, prices: Prices, skus: Iterable[str], now: datetime) -> str:
    """Return the currency in which most of some things are sold; US dollars where none is."""
    found = [price.amount.currency for sku in skus if (price := prices.price(session, sku, now))]
    return max(sorted(set(found)), key=found.count, default="USD")


def interruptions(session: Session, now: datetime) -> Interruptions:
    """Return how often our attempts were interrupted in ninety days; see :func:`observed`."""
    return observed(attempts.over_since(session, now - QUARTER))


def observed(held: Sequence[Attempt]) -> Interruptions:
    """Return how often attempts were interrupted, and in how many hours.

    Notes
    -----
    Hours count where a machine might have been taken away: those asked for on spot. An engine of which
    none ever was and that took some away nevertheless has only such machines: all its hours count. On
    the others nobody can tell, and hours that nothing could end would make spot look safer than it is.
    """
    asked = {each.engine for each in held if each.spot}
    taking = {each.engine for each in held if each.preempted}
    held = [e for e in held if e.spot or (e.engine in taking and e.engine not in asked)]
    seconds = sum(
        max(0.0, (each.finished_at - each.started_at).total_seconds())
        for each in held
        if each.started_at and each.finished_at
    )
    return Interruptions(seconds / 3600, sum(each.preempted for each in held))


def shown(made: Recommendation, uses: Iterable[RunUse]) -> str:
    """Return how later runs show that something was done; empty where they do not."""
    proposal, finding = made.proposal, SHOWN_BY.get(made.proposal.kind)
    if finding is None or not proposal.model:
        return ""
    later = [
        use
        for use in uses
        if use.is_known
        and use.facts.model == proposal.model
        and use.facts.ended_at is not None
        and use.facts.started_at >= made.opened_at
    ]
    again = any(finding in use.findings for use in later)
    if len(later) < LATER_RUNS or again:
        return ""
    return f"Seen in {len(later)} later runs, none of which shows it any more."
