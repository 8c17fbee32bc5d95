"""Routes: what a business watches about a model, and what servers say of themselves."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat

from services.api import serialise
from services.api.bearer import Bearers
from services.api.idempotency import Key, once
from services.facts.kpi.types import KPI, PushedValue
from services.kernel.error import InvalidInput
from services.people.token.types import TokenPrincipal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

Share = Annotated[FiniteFloat, Field(ge=0, le=1)]


class KpiSent(BaseModel):
    """The value of a business figure at an instant; sent again, the later one counts."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=120)]
    at: AwareDatetime
    value: FiniteFloat


class ServerSent(BaseModel):
    """How busy the servers of a model are at an instant, as shares of what they have."""

    model_config = ConfigDict(extra="forbid")

    at: AwareDatetime
    cpu_share: Share | None = None
    memory_share: Share | None = None


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter(prefix="/models/{name}")
    writing = bearers.having("predictions:write")

    @routes.get("/kpi", dependencies=[bearers.needs("models:read")])
    def kpis(name: str) -> dict[str, Any]:
        """Return the business figures of a model: unit, direction, target, and where they come from."""
        with services.store.reading() as session:
            services.registry.model(session, name)
            found = services.targets.of_model(session, name)
        return {"model": name, "kpis": serialise.plain(found)}

    @routes.post("/kpi")
    def send_kpi(
        name: str,
        sent: KpiSent,
        token: Annotated[TokenPrincipal, Depends(writing)],
        key: Key = None,
    ) -> Response:
        """Take the value of a business figure that is defined as sent."""
        with services.store.reading() as session:
            services.registry.model(session, name)
            if not services.targets.require(session, name, sent.name).is_pushed:
                raise InvalidInput(f"{sent.name!r} is computed from the log, not sent.")
        values = [PushedValue(name, KPI, sent.name, sent.at, sent.value)]
        return _take(services, token, key, name, values)

    @routes.post("/server")
    def send_server(
        name: str,
        sent: ServerSent,
        token: Annotated[TokenPrincipal, Depends(writing)],
        key: Key = None,
    ) -> Response:
        """Take how busy the servers of a model are."""
        with services.store.reading() as session:
            services.registry.model(session, name)
        given = {"cpu_share": sent.cpu_share, "memory_share": sent.memory_share}
        values = [
            PushedValue(name, f"service.{each}", "", sent.at, value)
            for each, value in given.items()
            if value is not None
        ]
        if not values:
            raise InvalidInput("Send cpu_share, memory_share or both.")
        return _take(services, token, key, name, values)

    return routes


def _take(
    services: "Services",
    token: TokenPrincipal,
    key: str | None,
    model: str,
    values: list[PushedValue],
) -> Response:
    def work() -> dict[str, Any]:
        services.pushed.take(values, token.token_id)
        return {"accepted": len(values)}

    about = {"model": model, "values": [serialise.plain(each) for each in values]}
    return once(services, token, key, about, work)
