"""Routes: what could cost less; read by machines, decided on behalf of a person who may."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response
from pydantic import BaseModel, Field

from services.api import serialise
from services.api.bearer import Bearers
from services.api.idempotency import Key, once
from services.api.paging import Cursor, Limit, listed, page
from services.api.persons import person
from services.judgement.saving.types import Recommendation, SavingState, Tracked, Worth
from services.people.account.types import Principal
from services.people.token.types import TokenPrincipal

if TYPE_CHECKING:
    from sqlmodel import Session

    from services.bootstrap.services import Services

State = Annotated[SavingState | None, Query(description="open, dismissed or done; else all.")]


class Reason(BaseModel):
    """Why it will not be done."""

    reason: str = Field(max_length=20_000)


class Note(BaseModel):
    """What was done."""

    note: str = Field(default="", max_length=20_000)


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the routes over opened services."""
    routes = APIRouter()
    _read(routes, services, bearers)
    _decide(routes, services, bearers)
    return routes


def _read(routes: APIRouter, services: "Services", bearers: Bearers) -> None:
    reading = [bearers.needs("models:read")]

    @routes.get("/cost/savings", dependencies=reading)
    def savings(
        model: Annotated[str, Query(max_length=256)] = "",
        state: State = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> dict[str, Any]:
        """List what could cost less, oldest first; those of one model overlap, so never add them up.

        `a_month` is null where something has no price: the money is unknown then, not 0.
        """
        with services.store.reading() as session:
            known = services.savings.find(
                session, states=[state] if state else None, models=[model] if model else None
            )
            found, following = page(known, cursor, limit, lambda each: each.saving_id)
            told = [_told(services, session, each) for each in found]
        return listed("savings", told, following)

    @routes.get("/cost/savings/{saving_id}", dependencies=reading)
    def saving(saving_id: str) -> dict[str, Any]:
        """Return one recommendation, what it rests on, and how it stood from its beginning on."""
        with services.store.reading() as session:
            found = services.savings.by_id(session, saving_id)
            steps = services.savings.history(session, saving_id)
            told = _told(services, session, found)
        history = [
            {"state": e.state, "at": e.changed_at, "by": e.handled_by, "reason": e.reason}
            for e in steps
        ]
        return {**told, "history": serialise.plain(history)}


def _decide(routes: APIRouter, services: "Services", bearers: Bearers) -> None:
    writing = bearers.having("cost:write")

    def decided(
        token: TokenPrincipal, key: str | None, asked: tuple[str, str, str],
        work: Callable[[Principal], Recommendation],
    ) -> Response:  # fmt: skip
        def done() -> dict[str, Any]:
            made = work(person(services, token))
            with services.store.reading() as session:
                return _told(services, session, made)

        return once(services, token, key, {"asked": list(asked)}, done)

    @routes.post("/cost/savings/{saving_id}/dismiss", status_code=201)
    def dismiss(
        saving_id: str,
        wanted: Reason,
        token: Annotated[TokenPrincipal, Depends(writing)],
        key: Key = None,
    ) -> Response:
        """Say that it will not be done, and why, on behalf of the person whom the token was made for."""
        work = lambda who: services.savings.dismiss(who, saving_id, wanted.reason)  # noqa: E731
        return decided(token, key, (saving_id, "dismiss", wanted.reason), work)

    @routes.post("/cost/savings/{saving_id}/done", status_code=201)
    def done(
        saving_id: str,
        wanted: Note,
        token: Annotated[TokenPrincipal, Depends(writing)],
        key: Key = None,
    ) -> Response:
        """Say that it was done; from the next day on the same thing is compared with what it cost."""
        work = lambda who: services.savings.done(who, saving_id, wanted.note)  # noqa: E731
        return decided(token, key, (saving_id, "done", wanted.note), work)


def _told(services: "Services", session: "Session", each: Recommendation) -> dict[str, Any]:
    proposal = each.proposal
    tracked = services.savings.tracked(session, each, services.clock.now())
    return {
        "id": each.saving_id,
        "kind": proposal.kind.value,
        "model": proposal.model,
        "experiment_id": proposal.experiment_id,
        "about": proposal.about,
        "words": proposal.words,
        "a_month": _worth(proposal.worth),
        "confidence": proposal.confidence.value,
        "because": proposal.because,
        "evidence": serialise.plain(proposal.evidence),
        "runs": list(proposal.runs),
        "state": each.state.value,
        "opened_at": serialise.plain(each.opened_at),
        "changed_at": serialise.plain(each.changed_at),
        "handled_by": each.handled_by,
        "reason": each.reason,
        "saved": _saved(tracked),
    }


def _worth(worth: Worth | None) -> dict[str, str] | None:
    if worth is None:
        return None
    return {
        "amount": worth.amount.decimal,
        "lo": worth.lo.decimal,
        "hi": worth.hi.decimal,
        "currency": worth.amount.currency,
    }


def _saved(tracked: Tracked | None) -> dict[str, Any] | None:
    """Return what came of it; null until a whole day passed, and where nothing can be compared."""
    if tracked is None:
        return None
    return {
        "amount": tracked.saved.decimal,
        "currency": tracked.saved.currency,
        "before": tracked.before.decimal,
        "after": tracked.after.decimal,
        "days": tracked.days,
        "unpriced": tracked.unpriced,
        "elsewhere": tracked.elsewhere,
    }
