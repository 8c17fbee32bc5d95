"""Routes: the trail, and tasks."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query

from services.api import serialise
from services.api.bearer import Bearers
from services.api.paging import Cursor, Limit, cursor_of, key_of, listed
from services.kernel.error import InvalidInput

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter()

    @routes.get("/trail", dependencies=[bearers.needs("trail:read")])
    def trail(
        action: Annotated[str | None, Query(max_length=80)] = None,
        subject_kind: Annotated[str | None, Query(max_length=40)] = None,
        subject_id: Annotated[str | None, Query(max_length=400)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> dict[str, Any]:
        """List what happened, newest first. `action` ending in a colon means all of its kind."""
        subject = (subject_kind, subject_id) if subject_kind and subject_id else None
        with services.store.reading() as session:
            found = services.trail.search(
                session, action=action, subject=subject, before=_before(cursor), limit=limit + 1
            )
        shown = found[:limit]
        following = cursor_of(str(shown[-1].seq)) if len(found) > limit else None
        return listed("events", [serialise.event(each) for each in shown], following)

    @routes.get("/tasks/{task_id}", dependencies=[bearers.needs("models:read")])
    def task(task_id: str) -> dict[str, Any]:
        """Return what was asked of the worker, and how far it is."""
        return serialise.task(services.tasks.get(task_id))

    return routes


def _before(cursor: str | None) -> int | None:
    key = key_of(cursor)
    if key is not None and not key.isdecimal():
        raise InvalidInput("This cursor was not made here; start from the first page.")
    return None if key is None else int(key)
