"""Runs: how busy the GPUs were that they held, and what another size or spot would have cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from console.format import NOTHING, ago, plural, share
from console.views.cost.run_rows import RunRow, hours, row
from console.views.cost.sight import sight
from services.facts.cost.rules import gpu_sku
from services.facts.utilisation.hardware import TYPES
from services.facts.utilisation.spot import Interruptions
from services.facts.utilisation.types import Audited, Finding
from services.kernel.period import Period
from services.people.account.types import Principal
from services.standards.price.types import Market, Term
from services.workflows.costing.saving import currency_of, interruptions

if TYPE_CHECKING:
    from services.bootstrap.services import Services

DAYS, SHOWN = 30, 50


@dataclass(frozen=True, slots=True)
class RunsView:
    """What the tab shows.

    Attributes
    ----------
    tiles
        A number, what it is, and what it rests on.
    interrupted
        What is known of machines that were taken away, in one sentence.
    """

    rows: tuple[RunRow, ...]
    tiles: tuple[tuple[str, str, str], ...]
    blind: int
    interrupted: str
    sample: bool
    findings: tuple[str, ...]
    finding: str

    @property
    def is_empty(self) -> bool:
        """Tell whether no run was looked at."""
        return not self.rows and not self.finding


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> RunsView:
    """Return the runs of the last thirty days that this person may see, the most idle first."""
    now = services.clock.now()
    finding = _finding(query.get("finding", ""))
    with services.store.reading() as session:
        mine = sight(services, principal, session)
        models = None if mine.everything else tuple(mine.models)
        if query.get("model", "") in mine.models:
            models = (query["model"],)
        period = Period(now - timedelta(days=DAYS), now + timedelta(seconds=1))
        uses = services.utilisation.runs(
            session, period, models=models, finding=finding, limit=SHOWN
        )
        told = services.utilisation.audited(session, period, models)
        skus = {gpu_sku(use.facts.gpu_type) for use in uses} | {each.sku for each in TYPES}
        currency = currency_of(session, services.prices, sorted(skus), now)
        own = services.prices.rates(session, skus, now, currency)
        spot = services.prices.rates(session, skus, now, currency, Market(term=Term.SPOT))
        seen = interruptions(session, now)
    held = [use for use in uses if use.gpus or use.is_known]
    return RunsView(
        tuple(row(use, own, spot, seen, ago(use.facts.ended_at, now)) for use in held),
        _tiles(told),
        told.blind,
        _interrupted(seen),
        any(rate is not None and rate.sample for rate in own.values()),
        tuple(each.value for each in Finding),
        finding.value if finding else "",
    )


def _finding(asked: str) -> Finding | None:
    return next((each for each in Finding if each.value == asked), None)


def _tiles(told: Audited) -> tuple[tuple[str, str, str], ...]:
    if not told.known:
        idle = NOTHING
    else:
        idle = share(told.idle_hours / told.known_hours) if told.known_hours else NOTHING
    return (
        (hours(told.gpu_hours), "GPU hours held", plural(told.runs, "run looked at", "runs looked at")),
        (hours(told.idle_hours) if told.known else NOTHING, "GPU hours idle", "less than 5 % busy, of what was sampled"),
        (idle, "of the sampled time idle", f"{hours(told.known_hours)} of GPUs sampled"),
        (str(told.blind), "not measured", "runs that held a GPU and logged no metrics of it"),
    )  # fmt: skip


def _interrupted(seen: Interruptions) -> str:
    if seen.mean_hours is None:
        return (
            "What spot would have saved is unknown: no machine was ever seen to be taken away from an"
            " attempt."
        )
    return (
        f"{plural(seen.count, 'interruption')} in {seen.hours:,.1f} hours of attempts in ninety days:"
        f" one every {seen.mean_hours:,.1f} hours. Lost work is reckoned with (Young 1974, Daly 2006)."
    )
