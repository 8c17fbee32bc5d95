"""Routes: tickets; asking for a training, following it, calling it off. Allowing one is for people."""

import json
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from services.api import serialise
from services.api.bearer import Bearers
from services.api.idempotency import Key, once
from services.api.paging import Cursor, Limit, listed, page
from services.api.persons import person
from services.decisions.retraining.reading import OPEN
from services.decisions.retraining.types import Ticket, TicketForm, TicketState, Trigger
from services.kernel.error import IntegrityBroken, InvalidInput, NotFound
from services.kernel.identity import new_id
from services.people.token.types import TokenPrincipal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

MOST_LOG = 262_144
State = Annotated[
    str | None,
    Query(max_length=40, description="A state; `unfinished` for all that are not over."),
]


class TicketWanted(BaseModel):
    """The form of a ticket."""

    reason: str = Field(max_length=20_000)
    key: str = Field(
        default="",
        max_length=200,
        description="The same key opens one ticket: of a change of code, its commit.",
    )
    trigger: Trigger = Field(default=Trigger.MANUAL, description="`manual` or `code`.")
    recipe: str = Field(default="", max_length=100)
    engine: str = Field(default="", max_length=100)
    parameters: dict[str, str] = Field(default_factory=dict)
    dry_run: bool = Field(default=False, description="Quote it and start nothing.")


class Stop(BaseModel):
    """Why a ticket is called off."""

    reason: str = Field(max_length=20_000)


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter()
    _read(routes, services, bearers)
    _ask(routes, services, bearers)
    return routes


def _read(routes: APIRouter, services: "Services", bearers: Bearers) -> None:
    reading = [bearers.needs("models:read")]

    @routes.get("/models/{name}/tickets", dependencies=reading)
    def tickets(
        name: str, state: State = None, cursor: Cursor = None, limit: Limit = 50
    ) -> dict[str, Any]:
        """List the tickets of a model, oldest first, and the triggers that opened none."""
        wanted = _states(state)
        with services.store.reading() as session:
            known = [
                each
                for each in reversed(services.tickets.of_model(session, name))
                if each.state in wanted
            ]
            held = services.tickets.held_back(session, name)
        found, following = page(known, cursor, limit, lambda each: each.ticket_id)
        told = listed("tickets", [serialise.ticket(each) for each in found], following)
        return {**told, "held_back": serialise.plain(held)}

    @routes.get("/models/{name}/tickets/{ticket_id}", dependencies=reading)
    def ticket(name: str, ticket_id: str) -> dict[str, Any]:
        """Return one ticket: what it rests on, its attempts, and what they said last."""
        with services.store.reading() as session:
            found = _of(services, session, name, ticket_id)
            attempts = services.tickets.attempts(session, ticket_id)
            said = services.watching.seen(session, ticket_id)
            told = _grounds(services, session, found)
        live = {each.attempt_id: serialise.plain(each) for each in said}
        tries = [{**serialise.plain(e), "live": live.get(e.attempt_id)} for e in attempts]
        return {**serialise.ticket(found), **told, "attempts": tries}

    @routes.get("/models/{name}/tickets/{ticket_id}/log", dependencies=reading)
    def log(
        name: str,
        ticket_id: str,
        attempt: Annotated[int | None, Query(ge=1)] = None,
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_LOG)] = 65_536,
    ) -> dict[str, Any]:
        """Return what an attempt printed from a byte on; `next` is where to go on."""
        with services.store.reading() as session:
            _of(services, session, name, ticket_id)
            part = services.watching.log(session, ticket_id, attempt, offset, limit)
        return {"text": part.text, "offset": part.begins, "next": part.ends}


def _ask(routes: APIRouter, services: "Services", bearers: Bearers) -> None:
    requesting = bearers.having("tickets:request")

    @routes.post("/models/{name}/tickets", status_code=201)
    def request(
        name: str,
        wanted: TicketWanted,
        token: Annotated[TokenPrincipal, Depends(requesting)],
        key: Key = None,
    ) -> Response:
        """Open a ticket on behalf of the person whom the token was made for."""

        def work() -> dict[str, Any]:
            form = TicketForm(
                name, wanted.reason, wanted.key or key or new_id(), wanted.trigger, wanted.recipe,
                wanted.engine, wanted.parameters, wanted.dry_run,
            )  # fmt: skip
            made = services.tickets.open(person(services, token), form)
            with services.store.reading() as session:
                return {**serialise.ticket(made), "beside": _beside(services, session, made)}

        return once(services, token, key, {**wanted.model_dump(mode="json"), "model": name}, work)

    @routes.post("/models/{name}/tickets/{ticket_id}/cancel", status_code=201)
    def cancel(
        name: str,
        ticket_id: str,
        wanted: Stop,
        token: Annotated[TokenPrincipal, Depends(requesting)],
        key: Key = None,
    ) -> Response:
        """Call a ticket off; one that runs is asked to stop."""

        def work() -> dict[str, Any]:
            with services.store.reading() as session:
                _of(services, session, name, ticket_id)
            who = person(services, token)
            return serialise.ticket(services.tickets.cancel(who, ticket_id, wanted.reason))

        return once(services, token, key, {**wanted.model_dump(), "ticket": ticket_id}, work)


def _of(services: "Services", session: Any, name: str, ticket_id: str) -> Ticket:
    found = services.tickets.get(session, ticket_id)
    if found.model != name:
        raise NotFound(f"{name!r} has no such ticket.")
    return found


def _grounds(services: "Services", session: Any, found: Ticket) -> dict[str, Any]:
    """Return what a decision about a ticket rests on: recipe, rows, the others that are open."""
    return {
        "changes": list(services.tickets.changes(session, found)),
        "data_report": _report(services, found),
        "beside": _beside(services, session, found),
    }


def _beside(services: "Services", session: Any, found: Ticket) -> list[str]:
    return [each.ticket_id for each in services.tickets.beside(session, found)]


def _report(services: "Services", found: Ticket) -> Any:
    """Return what was seen of the rows; None before they were read, and where it cannot be read."""
    if found.data is None or not found.data.report:
        return None
    try:
        return json.loads(services.archive.get(found.data.report))
    except (NotFound, IntegrityBroken, ValueError):
        return None


def _states(asked: str | None) -> tuple[TicketState, ...]:
    if asked == "unfinished":
        return OPEN
    if asked is not None and asked not in [each.value for each in TicketState]:
        raise InvalidInput(f"No ticket is ever {asked!r}.")
    return tuple(TicketState) if asked is None else (TicketState(asked),)
