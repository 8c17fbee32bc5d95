"""A request that is sent twice under one key is done once."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header
from fastapi.responses import Response

from services.people.token.types import Answer, TokenPrincipal
from services.record.canonical import digest

if TYPE_CHECKING:
    from services.bootstrap.services import Services

Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]


def once(
    services: "Services",
    token: TokenPrincipal,
    key: str | None,
    wanted: dict[str, Any],
    work: Callable[[], dict[str, Any]],
) -> Response:
    """Do the work once under a key; asked again, give the first answer again."""
    if key is not None:
        before = services.tokens.begin(token, key, digest(wanted))
        if before is not None:
            headers = {"Idempotency-Replayed": "true"}
            return Response(before.body, before.status, headers, "application/json")
    answer: Answer | None = None
    try:
        done = Answer(201, json.dumps(work()))
        answer = done
    finally:
        if key is not None:
            services.tokens.finish(token, key, answer)
    return Response(done.body, done.status, media_type="application/json")
