"""Routes: budgets, and how they stand."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from services.api import serialise
from services.api.bearer import Bearers

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.judgement.spending.types import Standing


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter()

    @routes.get("/budgets", dependencies=[bearers.needs("models:read")])
    def budgets() -> dict[str, Any]:
        """List the budgets, each with what is spent of it in its present period.

        `forecast` is null where nobody can tell, and `why` says why; while `unknown` says something,
        more may be spent than stands there.
        """
        with services.store.reading() as session:
            found = services.spending.all(session)
        return {"budgets": [_told(each) for each in found]}

    return routes


def _told(standing: "Standing") -> dict[str, Any]:
    budget, ahead = standing.budget, standing.forecast
    return {
        "id": budget.budget_id,
        "scope": budget.scope.value,
        "name": budget.name,
        "span": budget.span.value,
        "period": standing.label,
        "start": serialise.plain(standing.period.start),
        "end": serialise.plain(standing.period.end),
        "amount": budget.amount.decimal,
        "currency": budget.amount.currency,
        "spent": standing.spent.decimal,
        "left": standing.left.decimal,
        "share": standing.share,
        "used_up": standing.is_used_up,
        "unpriced": standing.daily.unpriced,
        "elsewhere": {each.currency: each.decimal for each in standing.daily.elsewhere},
        "unknown": standing.unknown,
        "forecast": {
            "likely": ahead.likely.decimal,
            "lo": ahead.lo.decimal,
            "hi": ahead.hi.decimal,
            "level": ahead.level,
            "days": ahead.days,
            "method": ahead.method,
        }
        if ahead
        else None,
        "why": standing.why,
        "percents": list(budget.percents),
        "forecast_told": budget.forecast,
        "stops": budget.stops,
        "channels": list(budget.channels),
        "owner_id": budget.owner_id,
        "since": serialise.plain(budget.since),
    }
