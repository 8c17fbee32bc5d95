"""Errors as RFC 9457 problems; the type ends in the name of one of the seven."""

import logging
from collections.abc import Mapping
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from services.facts.prediction.types import TooFast
from services.kernel.error import (
    Conflict,
    CountersignError,
    InsufficientEvidence,
    IntegrityBroken,
    InvalidInput,
    NotFound,
    NotPermitted,
    SourceUnavailable,
)
from services.people.session.types import TooManyAttempts

_log = logging.getLogger(__name__)
TYPES = "/api/v1/docs#"
KINDS: Mapping[type[CountersignError], tuple[int, str]] = {
    InvalidInput: (422, "What was given cannot be used"),
    NotFound: (404, "There is no such thing"),
    NotPermitted: (403, "This is not permitted"),
    Conflict: (409, "Somebody was faster"),
    InsufficientEvidence: (409, "It was not measured well enough"),
    SourceUnavailable: (503, "Another system does not answer"),
    IntegrityBroken: (500, "What was stored is not what was written"),
}
_OF_STATUS = {404: NotFound, 405: InvalidInput, 415: InvalidInput}


class Unauthenticated(NotPermitted):
    """No token came along, or one that is unknown, revoked or expired."""


def problem(
    kind: type[CountersignError],
    detail: str,
    status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return a problem document.

    Parameters
    ----------
    kind
        One of the seven.
    detail
        One sentence, safe to show.
    """
    usual, title = KINDS[kind]
    answered = status or usual
    content = {
        "type": TYPES + kind.__name__,
        "title": title,
        "status": answered,
        "detail": detail,
    }
    return JSONResponse(
        content, answered, headers=dict(headers or {}), media_type="application/problem+json"
    )


def one_of_seven(error: CountersignError) -> type[CountersignError]:
    """Return which of the seven an error is, or descends from."""
    return next(each for each in type(error).__mro__ if each in KINDS)


def install(app: FastAPI) -> None:
    """Let an application answer every error as a problem."""

    @app.exception_handler(CountersignError)
    async def ours(_: Request, error: CountersignError) -> JSONResponse:
        kind = one_of_seven(error)
        if isinstance(error, Unauthenticated):
            return problem(kind, error.message, 401, {"WWW-Authenticate": "Bearer"})
        if isinstance(error, TooManyAttempts | TooFast):
            return problem(kind, error.message, 429, {"Retry-After": str(error.seconds)})
        if kind is IntegrityBroken:
            _log.error("integrity broken: %s %s", error.message, error.context)
        return problem(kind, error.message)

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        place = ".".join(str(each) for each in first["loc"][1:]) or "The request"
        return problem(InvalidInput, f"{place}: {first['msg']}.")

    @app.exception_handler(HTTPException)
    async def routing(_: Request, error: HTTPException) -> JSONResponse:
        kind = _OF_STATUS.get(error.status_code, InvalidInput)
        return problem(kind, f"{error.detail}.", error.status_code, error.headers)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        reference = uuid4().hex[:8]
        _log.error("%s failed, reference %s", request.url.path, reference, exc_info=error)
        words = f"Something went wrong here; the log says more under reference {reference}."
        return problem(SourceUnavailable, words, 500)
