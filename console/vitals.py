"""``/ready`` and ``/metrics``: is it usable, and how is it doing."""

import gc
import resource
import sys
import time
from collections.abc import Callable, Sequence

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from console.live import Live
from console.turns import TURNS
from services.api import exposition
from services.api.exposition import Gauge
from services.kernel.error import NotPermitted, SourceUnavailable
from services.people.token.service import Tokens
from services.record.trail.unit_of_work import Store

_STARTED = time.monotonic()


class Vitals:
    """The routes that machines ask for the state of this process.

    Parameters
    ----------
    state
        ``starting`` or ``ready``.
    production
        What is known of production; asked at each scrape.
    """

    def __init__(
        self,
        store: Store,
        tokens: Tokens,
        live: Live,
        state: Callable[[], str],
        production: Callable[[], Sequence[Gauge]],
    ) -> None:
        self._store, self._tokens, self._live = store, tokens, live
        self._state, self._production = state, production

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/ready", self.ready, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    async def ready(self, _: Request) -> Response:
        """Answer 200 when pages can be opened, else 503 and why not."""
        if self._state() != "ready":
            return JSONResponse({"state": self._state()}, 503, headers={"Retry-After": "1"})
        try:
            await to_thread.run_sync(self._ask_the_database)
        except SourceUnavailable as error:
            return JSONResponse({"state": "degraded", "reason": error.message}, 503)
        return JSONResponse({"state": "ready"})

    async def metrics(self, request: Request) -> Response:
        """Answer with OpenMetrics text, to a token with the scope ``metrics:read``."""
        scheme, _, text = request.headers.get("authorization", "").partition(" ")
        token = None
        if scheme.lower() == "bearer":
            token = await to_thread.run_sync(self._tokens.resolve, text.strip())
        if token is None:
            return Response("A bearer token is needed.", 401, {"WWW-Authenticate": "Bearer"})
        try:
            token.require("metrics:read")
        except NotPermitted as error:
            return PlainTextResponse(error.message, 403)
        try:
            known = await to_thread.run_sync(self._production)
        except SourceUnavailable:
            known = []  # what this process knows of itself is told all the same
        return Response(exposition.text([*self._own(), *known]), media_type=exposition.KIND)

    def _ask_the_database(self) -> None:
        with self._store.reading() as session:
            session.connection().exec_driver_sql("SELECT 1")

    def _own(self) -> list[Gauge]:
        unit = 1 if sys.platform == "darwin" else 1024
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
        told = {
            "ready": ("Whether pages can be opened.", int(self._state() == "ready")),
            "live_sessions": ("Browsers with a socket open.", self._live.count),
            "runs_waiting": ("Pages asked for that wait for their turn.", TURNS.waiting),
            "uptime_seconds": ("Since this process began.", round(time.monotonic() - _STARTED, 1)),
            "peak_memory_bytes": ("Most memory this process ever held.", peak),
            "frozen_objects": ("Objects the collector passes over.", gc.get_freeze_count()),
        }
        return [
            Gauge(f"countersign_{name}", about, [({}, value)])
            for name, (about, value) in told.items()
        ]
