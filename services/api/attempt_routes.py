"""Route: what somebody else's machinery reports of an attempt, signed with the secret of its engine."""

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Header, Request
from fastapi.concurrency import run_in_threadpool

from services.api.bearer import Bearers

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def router(services: "Services", bearers: Bearers) -> APIRouter:
    """Return the route over opened services; no token opens it, a signature does."""
    del bearers
    routes = APIRouter(prefix="/tickets/{ticket_id}/attempts/{attempt_id}")

    @routes.post("/status")
    async def report(
        ticket_id: str,
        attempt_id: str,
        request: Request,
        timestamp: str = Header("", alias="X-Countersign-Timestamp", max_length=20),
        signature: str = Header("", alias="X-Countersign-Signature", max_length=100),
    ) -> dict[str, Any]:
        """Take a report of an attempt; the body is ``training-status/1``.

        It is signed as a message to a webhook is: `sha256=` and the HMAC-SHA-256 of timestamp, full
        stop and body, under the signing secret of the engine; five minutes old at most.
        """
        body = await request.body()

        def take() -> dict[str, Any]:
            heard = services.engine_reports.take(ticket_id, attempt_id, body, timestamp, signature)
            return {"state": heard.state.value, "stop": heard.stop, "log_bytes": heard.log_bytes}

        return await run_in_threadpool(take)

    return routes
