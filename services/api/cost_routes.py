"""Routes: what models cost."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from services.api import serialise
from services.api.bearer import Bearers
from services.facts.cost import days, spending
from services.facts.cost.spending import About
from services.judgement.spending import converting
from services.kernel.error import InvalidInput
from services.kernel.period import stretch_of

if TYPE_CHECKING:
    from services.bootstrap.services import Services

Asked = Annotated[str, Query(description="A month or a day in UTC: 2026-11, 2026-11-14.")]


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter()

    @routes.get("/cost", dependencies=[bearers.needs("models:read")])
    def cost(
        period: Asked,
        by: Annotated[str, Query(max_length=60)] = "",
        model: Annotated[str, Query(max_length=256)] = "",
        team: Annotated[str, Query(max_length=60)] = "",
        currency: Annotated[str, Query(max_length=3, description="Also tell it in one.")] = "",
    ) -> dict[str, Any]:
        """Return what a month or a day comes to; currencies are never added to each other.

        With `currency`, `converted` tells the same in that one, each day at the rate that was published
        for it; `unconverted` is what has none, and is in no amount.

        `unpriced` counts lines whose price nobody knows: as long as there are any, the amounts are
        not all. `units` are hours, requests, energy and what that emitted, each with how it is known.

        `by` names any of model, team, kind, version, run, ticket, environment, experiment and
        sku, with commas.
        """
        told = _totals(services, period, by, model=model, team=team)
        if currency:
            told["converted"] = _converted(services, period, by, currency, About(model, team))
        return told

    @routes.get("/models/{name}/cost", dependencies=[bearers.needs("models:read")])
    def of_model(
        name: str, period: Asked, by: Annotated[str, Query(max_length=60)] = "kind"
    ) -> dict[str, Any]:
        """Return what a model costs in a month or a day."""
        with services.store.reading() as session:
            services.registry.model(session, name)
        return _totals(services, period, by, model=name)

    return routes


def _totals(services: "Services", period: str, by: str, **about: str) -> dict[str, Any]:
    stretch, groups = stretch_of(period), [each.strip() for each in by.split(",") if each.strip()]
    with services.store.reading() as session:
        found = services.ledger.totals(session, stretch, groups, **about)
        unpriced = services.ledger.unpriced(session, stretch, groups, **about)
        units = services.ledger.quantities(session, stretch, groups, **about)
    return {
        "period": period,
        "start": serialise.plain(stretch.start),
        "end": serialise.plain(stretch.end),
        "totals": [
            {
                "key": dict(zip(groups, each.key, strict=True)),
                "amount": each.amount.decimal,
                "currency": each.amount.currency,
                "lines": each.lines,
                "unpriced": each.unpriced,
            }
            for each in found
        ],
        "unpriced": sum(unpriced.values()),
        "unpriced_groups": [
            {"key": dict(zip(groups, key, strict=True)), "lines": count}
            for key, count in sorted(unpriced.items())
        ],
        "units": [
            {
                "key": dict(zip(groups, each.key, strict=True)),
                "unit": each.unit,
                "sku": each.sku,
                "method": each.method,
                "quantity": f"{each.quantity:f}",
            }
            for each in units
        ],
    }


def _converted(
    services: "Services", period: str, by: str, currency: str, about: About
) -> dict[str, Any]:
    stretch, groups = stretch_of(period), [each.strip() for each in by.split(",") if each.strip()]
    if other := set(groups) - set(days.GROUPS):
        raise InvalidInput(
            f"Sums by {min(other)} are told in their own currencies; leave currency out."
        )
    keys = ("date", *groups)
    with services.store.reading() as session:
        sums = spending.of_days(session, stretch.start.date(), stretch.end.date(), keys, about)
        found = converting.converted(sums, currency, services.prices.exchanges(session))
    return {
        "currency": found.currency,
        "totals": [
            {"key": dict(zip(groups, key, strict=True)), "amount": amount.decimal}
            for key, amount in sorted(found.amounts.items())
        ],
        "unconverted": [
            {"currency": name, "amount": amount.decimal, "lines": found.lines[name]}
            for name, amount in sorted(found.left.items())
        ],
        "rates": [
            {
                "base": each.base,
                "quote": each.quote,
                "each": str(each.each),
                "starts_at": serialise.plain(each.starts_at),
                "source": each.source,
            }
            for each in found.rates
        ],
    }
