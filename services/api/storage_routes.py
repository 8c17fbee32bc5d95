"""Routes: what is kept of runs, what needs it, and orders to take away what nothing does."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from services.api import serialise
from services.api.bearer import Bearers
from services.api.idempotency import Key, once
from services.api.paging import Cursor, Limit, listed, page
from services.api.persons import person
from services.decisions.disposal.service import AT_ONCE, DisposalForm
from services.decisions.disposal.types import Candidate, Disposal, DisposalState
from services.facts.storage import rules
from services.kernel.money import Rate
from services.people.token.types import TokenPrincipal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

_FAR = 10**24
State = Annotated[
    DisposalState | None, Query(description="ordered, disposed, withdrawn or kept; else all.")
]


class Order(BaseModel):
    """Runs whose files are to be taken away; at once is for people in the browser."""

    run_ids: list[str] = Field(min_length=1, max_length=AT_ONCE)
    reason: str = Field(max_length=20_000)
    days: Literal[7, 30] = Field(default=7, description="Days in which it may be taken back.")


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter()
    _read(routes, services, bearers)
    _order(routes, services, bearers)
    return routes


def _read(routes: APIRouter, services: "Services", bearers: Bearers) -> None:
    reading = [bearers.needs("models:read")]

    @routes.get("/cost/storage", dependencies=reading)
    def kept(
        *,
        spare: Annotated[bool, Query(description="Only what nothing needs.")] = False,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> dict[str, Any]:
        """List the runs whose files are kept, the largest first, each with what needs it.

        `size` is null where MLflow does not serve the files, `a_month` where nobody published a price of
        storage. `bytes` and `spare_bytes` are of all runs, not of the page.
        """
        with services.store.reading() as session:
            known = services.disposals.candidates(session)
            waiting = services.disposals.find(session, DisposalState.ORDERED)
            price = services.prices.price(session, rules.SKU, services.clock.now())
        rate, ordered = price.rate if price else None, {e.run_id: e.disposal_id for e in waiting}
        chosen = [each for each in known if not (spare and each.reasons)]
        found, following = page(chosen, cursor, limit, _place)
        told = [{**_kept(e, rate), "order": ordered.get(e.kept.run_id)} for e in found]
        sums = {
            "bytes": sum(each.kept.size or 0 for each in known),
            "spare_bytes": sum(each.kept.size or 0 for each in known if not each.reasons),
        }
        return {**listed("runs", told, following), **sums}

    @routes.get("/cost/storage/orders", dependencies=reading)
    def orders(state: State = None, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
        """List the orders to take files away, oldest first, and what came of each."""
        with services.store.reading() as session:
            known = services.disposals.find(session, *([state] if state else []))
        found, following = page(known, cursor, limit, lambda each: each.disposal_id)
        return listed("orders", [_ordered(each) for each in found], following)


def _order(routes: APIRouter, services: "Services", bearers: Bearers) -> None:
    writing = bearers.having("cost:write")

    @routes.post("/cost/storage/orders", status_code=201)
    def order(
        wanted: Order, token: Annotated[TokenPrincipal, Depends(writing)], key: Key = None
    ) -> Response:
        """Order that files are taken away, on behalf of an operator; it waits a week or a month.

        Until then it may be taken back, and before anything goes everybody who may need it is asked again.
        """

        def work() -> dict[str, Any]:
            form = DisposalForm(tuple(wanted.run_ids), wanted.reason, wanted.days)
            made = services.disposals.order(person(services, token), form)
            return {"orders": [_ordered(each) for each in made]}

        return once(services, token, key, wanted.model_dump(), work)

    @routes.post("/cost/storage/orders/{disposal_id}/withdraw", status_code=201)
    def withdraw(
        disposal_id: str, token: Annotated[TokenPrincipal, Depends(writing)], key: Key = None
    ) -> Response:
        """Take an order back that was not carried out."""

        def work() -> dict[str, Any]:
            return _ordered(services.disposals.withdraw(person(services, token), disposal_id))

        return once(services, token, key, {"withdraw": disposal_id}, work)


def _place(each: Candidate) -> str:
    return f"{_FAR - (each.kept.size or 0):025d}:{each.kept.run_id}"


def _kept(each: Candidate, rate: Rate | None) -> dict[str, Any]:
    kept, month = each.kept, None
    if rate is not None and rate.unit == rules.UNIT and kept.size is not None:
        worth = rate.of(Decimal(kept.size) / rules.GB)
        month = {"amount": worth.decimal, "currency": worth.currency, "sample": rate.sample}
    return {
        "run_id": kept.run_id,
        "name": kept.name,
        "model": kept.model,
        "versions": [{"model": name, "version": number} for name, number in each.versions],
        "size": kept.size,
        "files": kept.files,
        "a_month": month,
        "needed_by": list(each.reasons),
        "weighed_at": serialise.plain(kept.weighed_at),
    }


def _ordered(each: Disposal) -> dict[str, Any]:
    told = serialise.plain(each)
    told["versions"] = [{"model": name, "version": number} for name, number in each.versions]
    return {"id": told.pop("disposal_id"), **told}
