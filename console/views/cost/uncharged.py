"""Runs of which nobody can say what they cost, each with its reason and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from console.format import ago, short
from console.views.cost.sight import sight
from services.kernel.period import Period
from services.people.account.types import Principal
from services.workflows.costing import uncharged
from services.workflows.costing.uncharged import Uncharged, Why

if TYPE_CHECKING:
    from services.bootstrap.services import Services

DAYS, SHOWN = 30, 30
ENDING = "`MlflowClient().set_terminated(run_id, end_time=…)`"
WORDS: Mapping[Why, tuple[str, str, str]] = MappingProxyType(
    {
        Why.ENDLESS: ("stale", "Never ended", f"End it with {ENDING}, at the time when it really did; then it is charged."),
        Why.GONE: ("none", "Deleted", "Restore it in MLflow and end it where its cost matters; else there is nothing to do."),
        Why.SKEWED: ("stale", "Clock is wrong", f"Set its true end with {ENDING}, and the clock of its machine."),
        Why.UNSAID: ("unknown", "Unpriced", "Tag it with `countersign.instance_type`, or with its processors and GPUs; then it is charged."),
        Why.UNREAD: ("unknown", "Unpriced", "Correct it: a number without a unit, as `4`; then it is charged."),
        Why.NO_PRICE: ("unknown", "Unpriced", "Publish such a price that holds on its day, in the tab Prices; then it is corrected."),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnchargedRow:
    """One run as the list shows it.

    Attributes
    ----------
    ticket_id
        Of our own trainings; empty for a run of somebody else.
    reason
        In plain words why nobody can say what it costs.
    step
        What to do next; Markdown of our own.
    """

    name: str
    ticket_id: str
    model: str
    status: str
    word: str
    reason: str
    step: str
    when: str


@dataclass(frozen=True, slots=True)
class UnchargedView:
    """What the block shows.

    Attributes
    ----------
    more
        Runs that are not in the list; ``at_least`` where even more may be.
    priceless
        Whether a price is what some of them lack.
    """

    rows: tuple[UnchargedRow, ...]
    more: int
    at_least: bool
    priceless: bool


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> UnchargedView:
    """Return the runs without a cost that this person may see, the newest first."""
    now = services.clock.now()
    with services.store.reading() as session:
        mine = sight(services, principal, session)
        models = None if mine.everything else tuple(mine.models)
        if query.get("model", "") in mine.models:
            models = (query["model"],)
        period = Period(now - timedelta(days=DAYS), now + timedelta(seconds=1))
        found = uncharged.find(session, period, models)
    return UnchargedView(
        tuple(_row(each, ago(each.at, now) if each.at else "") for each in found[:SHOWN]),
        max(0, len(found) - SHOWN),
        len(found) >= uncharged.MOST,
        any(each.why is Why.NO_PRICE for each in found),
    )


def _row(each: Uncharged, when: str) -> UnchargedRow:
    status, word, step = WORDS[each.why]
    name = each.name or (each.run_id[:12] if each.run_id else f"training {short(each.ticket_id)}")
    return UnchargedRow(name, each.ticket_id, each.model, status, word, _reason(each), step, when)


def _reason(each: Uncharged) -> str:
    if each.why is Why.UNREAD:
        return f"A tag of it {each.words}."
    if each.why is not Why.NO_PRICE:
        told = each.words or "says nothing of what it ran on"
        return f"It {told}."
    skus = sorted({f"{sku} a {unit}" for sku, unit in each.used})
    return f"Nobody published a price of {', '.join(skus)}."
