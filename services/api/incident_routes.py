"""Routes: incidents; what went wrong, where its handling stands, and which clock runs."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from services.api import serialise
from services.api.bearer import Bearers
from services.api.paging import Cursor, Limit, listed, page
from services.decisions.incident.reading import UNFINISHED
from services.decisions.incident.types import IncidentState
from services.kernel.error import InvalidInput

if TYPE_CHECKING:
    from services.bootstrap.services import Services

State = Annotated[
    str | None,
    Query(max_length=40, description="A state; `unfinished` for all that are not closed."),
]


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter()

    @routes.get("/incidents", dependencies=[bearers.needs("models:read")])
    def incidents(
        model: Annotated[str | None, Query(max_length=300)] = None,
        state: State = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> dict[str, Any]:
        """List incidents, oldest first."""
        wanted = _states(state)
        with services.store.reading() as session:
            known = [
                each
                for each in services.incidents.list(session)
                if model in (None, each.model) and each.state in wanted
            ]
            found, following = page(known, cursor, limit, lambda each: each.incident_id)
            clocks = services.incidents.deadlines(session, found)
        told = [serialise.incident(each, clocks[each.incident_id]) for each in found]
        return listed("incidents", told, following)

    @routes.get("/incidents/{incident_id}", dependencies=[bearers.needs("models:read")])
    def incident(incident_id: str) -> dict[str, Any]:
        """Return one incident with its timeline and actions, without what people wrote there."""
        with services.store.reading() as session:
            found = services.incidents.by_id(session, incident_id)
            clock = services.incidents.deadlines(session, [found])[incident_id]
            entries = services.incidents.entries(session, incident_id)
            remedies = services.incidents.remedies(session, incident_id)
        lines = [
            {"kind": e.kind, "at": e.at, "by": e.by, "evidence_id": e.evidence_id or None}
            for e in entries
        ]
        acts = [
            {"id": r.remedy_id, "owner": r.owner_id, "due_at": r.due_at, "done_at": r.done_at}
            for r in remedies
        ]
        return {
            **serialise.incident(found, clock),
            "timeline": serialise.plain(lines),
            "actions": serialise.plain(acts),
        }

    return routes


def _states(asked: str | None) -> tuple[IncidentState, ...]:
    if asked == "unfinished":
        return UNFINISHED
    if asked is not None and asked not in [each.value for each in IncidentState]:
        raise InvalidInput(f"No incident is ever {asked!r}.")
    return tuple(IncidentState) if asked is None else (IncidentState(asked),)
