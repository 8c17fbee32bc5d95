"""Routes: what things cost, and what currencies are worth in each other."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from services.api import serialise
from services.api.bearer import Bearers
from services.standards.price.types import Exchange, Price

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter()

    @routes.get("/prices", dependencies=[bearers.needs("models:read")])
    def prices(
        every: Annotated[bool, Query(alias="all", description="Those that ended, too.")] = False,  # noqa: FBT002
        sku: Annotated[str, Query(max_length=80)] = "",
    ) -> dict[str, Any]:
        """List the prices that hold or will, and every rate between currencies.

        A price with `sample` is only there to try the console out.
        """
        now = services.clock.now()
        with services.store.reading() as session:
            found, rates = services.prices.all(session), services.prices.exchanges(session)
        shown = [
            each
            for each in found
            if (every or each.ends_at is None or each.ends_at > now) and sku in ("", each.sku)
        ]
        return {"prices": [_price(each) for each in shown], "rates": [_rate(r) for r in rates]}

    return routes


def _price(price: Price) -> dict[str, Any]:
    return {
        "price_id": price.price_id,
        "sku": price.sku,
        "unit": price.unit,
        "provider": price.market.provider,
        "region": price.market.region,
        "term": price.market.term.value,
        "words": price.market.words,
        "amount": price.amount.decimal,
        "currency": price.amount.currency,
        "starts_at": serialise.plain(price.starts_at),
        "ends_at": serialise.plain(price.ends_at),
        "source": price.source,
        "sample": price.sample,
        "published_by": price.published_by,
        "published_at": serialise.plain(price.published_at),
    }


def _rate(rate: Exchange) -> dict[str, Any]:
    return {
        "base": rate.base,
        "quote": rate.quote,
        "each": str(rate.each),
        "starts_at": serialise.plain(rate.starts_at),
        "source": rate.source,
    }
