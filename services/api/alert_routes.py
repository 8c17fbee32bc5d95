"""Routes: alerts; what crossed a limit in production, and how it stands."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from services.api import serialise
from services.api.bearer import Bearers
from services.api.paging import Cursor, Limit, listed, page

if TYPE_CHECKING:
    from services.bootstrap.services import Services

State = Annotated[
    str | None,
    Query(max_length=40, description="raised, acknowledged, snoozed, resolved, or open for all but resolved."),
]  # fmt: skip


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter()

    @routes.get("/alerts", dependencies=[bearers.needs("models:read")])
    def alerts(
        model: Annotated[str | None, Query(max_length=300)] = None,
        state: State = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> dict[str, Any]:
        """List alerts, oldest first."""
        return _listed(services, model, state, (cursor, limit))

    @routes.get("/models/{name}/alerts", dependencies=[bearers.needs("models:read")])
    def alerts_of_model(
        name: str, state: State = None, cursor: Cursor = None, limit: Limit = 50
    ) -> dict[str, Any]:
        """List the alerts of one model, oldest first."""
        with services.store.reading() as session:
            services.registry.model(session, name)
        return _listed(services, name, state, (cursor, limit))

    @routes.get("/alerts/{alert_id}", dependencies=[bearers.needs("models:read")])
    def alert(alert_id: str) -> dict[str, Any]:
        """Return one alert, and how it stood from its beginning on."""
        with services.store.reading() as session:
            found = services.alerts.by_id(session, alert_id)
            steps = services.alerts.history(session, alert_id)
        told = [
            {"state": each.state, "at": each.changed_at, "by": each.handled_by} for each in steps
        ]
        return {**serialise.alert(found), "history": serialise.plain(told)}

    return routes


def _listed(
    services: "Services", model: str | None, state: str | None, where: tuple[str | None, int]
) -> dict[str, Any]:
    with services.store.reading() as session:
        known = services.alerts.find(session, model=model, state=state)
    found, following = page(known, *where, lambda each: each.alert_id)
    return listed("alerts", [serialise.alert(each) for each in found], following)
