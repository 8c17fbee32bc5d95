"""Routes: reviews; listing them, and requesting one on a person's behalf."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from services.api import serialise
from services.api.bearer import Bearers
from services.api.idempotency import Key, once
from services.api.paging import Cursor, Limit, listed, page
from services.api.persons import person
from services.decisions.review.types import ReviewForm
from services.kernel.identity import new_id
from services.people.token.types import TokenPrincipal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


class ReviewWanted(BaseModel):
    """The form of a review request."""

    model: str = Field(max_length=300)
    version: int = Field(ge=1)
    alias: str = Field(default="champion", max_length=255)
    rationale: str = Field(max_length=20_000)


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter()
    requesting = bearers.having("reviews:request")

    @routes.get("/reviews", dependencies=[bearers.needs("models:read")])
    def reviews(
        model: Annotated[str | None, Query(max_length=300)] = None,
        state: Annotated[str | None, Query(max_length=40)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> dict[str, Any]:
        """List reviews, oldest first."""
        return _listed(services, model, state, (cursor, limit))

    @routes.get("/models/{name}/reviews", dependencies=[bearers.needs("models:read")])
    def reviews_of_model(name: str, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
        """List the reviews of one model, oldest first."""
        return _listed(services, name, None, (cursor, limit))

    @routes.post("/reviews", status_code=201)
    def request(
        wanted: ReviewWanted,
        token: Annotated[TokenPrincipal, Depends(requesting)],
        key: Key = None,
    ) -> Response:
        """Request a review on behalf of the person whom the token was made for."""

        def work() -> dict[str, Any]:
            form = ReviewForm(
                wanted.model, wanted.version, wanted.alias, wanted.rationale, key or new_id()
            )
            return serialise.plain(services.reviews.request(person(services, token), form))

        return once(services, token, key, wanted.model_dump(), work)

    return routes


def _listed(
    services: "Services", model: str | None, state: str | None, where: tuple[str | None, int]
) -> dict[str, Any]:
    with services.store.reading() as session:
        known = services.reviews.list(session, model=model, state=state)
    found, following = page(known, *where, lambda each: each.review_id)
    return listed("reviews", [serialise.plain(each) for each in found], following)
