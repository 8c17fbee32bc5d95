"""Serving: what answering costs, what a cache would save, and how many servers requests need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import NOTHING, count, share
from console.views.cost import hosting
from console.views.cost.hosting import HostingRow
from console.views.cost.quantity import on, small
from console.views.cost.sight import sight
from console.views.tickets import amount
from services.facts.cost.unit_cost import monthly, per_thousand
from services.facts.service_level import capacity, hints
from services.facts.service_level.capacity import Curve, Scaling
from services.facts.service_level.types import ServingUse
from services.judgement.saving.serving import Spent
from services.kernel.money import Money
from services.people.account.types import Principal
from services.workflows.costing.asking import serving_spent
from services.workflows.costing.hosting import answered_at_once

if TYPE_CHECKING:
    from services.bootstrap.services import Services

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ServingRow:
    """One version that serves.

    Attributes
    ----------
    thousand, month
        Of its model, whose servers its versions share.
    estimated
        Whether the cost was worked out from requests rather than measured or billed.
    sample
        Whether prices of the sample are in it.
    cache
        Share of questions asked before, and what a cache would have saved in thirty days.
    """

    model: str
    version: str
    requests: str
    thousand: str
    month: str
    estimated: bool
    sample: bool
    repeated: str
    cache: str
    p95: str
    size: str
    hourly: str
    replicas: str
    headroom: str
    target: str
    following: str
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServingView:
    """What the tab shows."""

    rows: tuple[ServingRow, ...]
    period: str
    hosting: tuple[HostingRow, ...] = ()

    @property
    def has_hints(self) -> bool:
        """Tell whether any version has one."""
        return any(row.hints for row in self.rows)


def load(services: "Services", principal: Principal, query: Mapping[str, str]) -> ServingView:
    """Return what serving takes of the models that this person may see."""
    with services.store.reading() as session:
        mine = sight(services, principal, session)
        models = None if mine.everything else tuple(mine.models)
        if query.get("model", "") in mine.models:
            models = (query["model"],)
        found = services.serving_uses.find(session, models)
        by_model: dict[str, list[ServingUse]] = {}
        for each in found:
            by_model.setdefault(each.model, []).append(each)
        rows = [row for held in by_model.values() for row in _model(services, session, held)]
        both = hosting.rows(services, session, list(by_model.values()), services.clock.now())
    days = {(each.since, each.until) for each in found}
    period = f"{on(min(d[0] for d in days))} to {on(max(d[1] for d in days))}, UTC" if days else ""
    return ServingView(tuple(rows), period, both)


def _model(services: "Services", session: Session, held: Sequence[ServingUse]) -> list[ServingRow]:
    paid = serving_spent(session, services.ledger, services.prices, held[0].model, held)
    spent = paid.amount
    asked = sum(each.requests for each in held)
    thousand = per_thousand(spent, asked) if spent is not None else None
    month = monthly(spent, max(each.days for each in held)) if spent is not None else None
    at_once = answered_at_once(services.registry, session, held)
    return [
        _row(each, (thousand, month), asked, paid, at_once)
        for each in sorted(held, key=lambda use: -use.requests)
    ]


def _row(
    use: ServingUse, costs: tuple[Money | None, Money | None], asked: int, paid: Spent, at_once: int
) -> ServingRow:
    thousand, month = costs
    curve = capacity.curve(use.hours, 24 * use.days)
    needs = capacity.scaling(use.hours, 24 * use.days, use.seconds or 0.0, at_once)
    return ServingRow(
        model=use.model,
        version=str(use.version),
        requests=count(use.requests),
        thousand=amount(thousand) if thousand else UNKNOWN,
        month=amount(month) if month else UNKNOWN,
        estimated=thousand is not None and not paid.measured,
        sample=paid.sample,
        repeated=_repeated(use),
        cache=_cache(use, month, asked),
        p95=f"{use.p95_ms:,.1f} ms" if use.p95_ms is not None else UNKNOWN,
        size=f"{use.model_bytes / 1e6:,.1f} MB" if use.model_bytes is not None else UNKNOWN,
        hourly=_hourly(curve),
        replicas=f"{needs.steady} / {needs.busy} / {needs.peak}" if needs else UNKNOWN,
        headroom=f"{needs.headroom:,.1f} times" if needs else UNKNOWN,
        target=f"{needs.target:,.0f} an hour" if needs else UNKNOWN,
        following=_following(needs),
        hints=hints.hints(use),
    )


def _repeated(use: ServingUse) -> str:
    known = use.repeated
    if known is None:
        return UNKNOWN
    low, high = small(known[0]), small(known[1])
    return low if low == high else f"{low} to {high}"


def _cache(use: ServingUse, month: Money | None, asked: int) -> str:
    """Return what a cache would save of a version's part of the model's serving."""
    known = use.repeated
    if known is None or month is None or not asked:
        return UNKNOWN
    part = use.requests / asked
    low, high = (Money(month.currency, round(month.micros * part * each)) for each in known)
    return amount(low) if low == high else f"{amount(low)} to {amount(high)}"


def _hourly(curve: Curve | None) -> str:
    if curve is None:
        return NOTHING
    return f"{curve.p50:,.0f} / {curve.p99:,.0f} / {curve.peak:,.0f}"


def _following(needs: Scaling | None) -> str:
    if needs is None:
        return UNKNOWN
    if needs.peak == 1:
        return "one is enough at any hour"
    return f"{share(needs.idle_share)} of replica hours"
