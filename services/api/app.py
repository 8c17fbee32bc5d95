"""The FastAPI application."""

from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from services.api import documentation, problems
from services.api.bearer import Bearers
from services.api.body_limit import BodyLimit

if TYPE_CHECKING:
    from services.bootstrap.services import Services

_ABOUT = (
    "What Countersign knows about models, for machines. Every request carries a bearer token with "
    "the scope it needs; instants are RFC 3339 in UTC; lists are paged by cursor; a POST may carry "
    "an Idempotency-Key. No token signs, approves, grants or publishes."
)


def build_api(services: "Services") -> FastAPI:
    """Return the application over opened services; its paths begin with ``/api/v1``."""
    from services.api import (
        alert_routes,
        attempt_routes,
        budget_routes,
        channel_routes,
        cost_routes,
        drift_routes,
        hook_routes,
        incident_routes,
        kpi_routes,
        model_routes,
        prediction_routes,
        price_routes,
        review_routes,
        saving_routes,
        storage_routes,
        ticket_routes,
        trail_routes,
    )

    app = FastAPI(
        title="Countersign API",
        version="1",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    problems.install(app)
    app.add_middleware(BodyLimit)
    bearers = Bearers(services.tokens)
    every = (
        alert_routes, attempt_routes, budget_routes, channel_routes, cost_routes, drift_routes, hook_routes,
        incident_routes, kpi_routes, model_routes, prediction_routes, price_routes, review_routes,
        saving_routes, storage_routes, ticket_routes, trail_routes,
    )  # fmt: skip
    for each in every:
        app.include_router(each.router(services, bearers), prefix="/api/v1")

    @app.get("/api/v1/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        headers = {"Content-Security-Policy": documentation.style_policy()}
        return HTMLResponse(documentation.page(app.openapi()), headers=headers)

    return app


def build_ingest(services: "Services") -> FastAPI:
    """Return the routes of the prediction log alone, under the same paths, with ``/health``."""
    from services.api import prediction_routes

    app = FastAPI(title="Countersign ingest", version="1", docs_url=None, redoc_url=None)
    problems.install(app)
    app.add_middleware(BodyLimit)
    app.include_router(
        prediction_routes.router(services, Bearers(services.tokens)), prefix="/api/v1"
    )

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
