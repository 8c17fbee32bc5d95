"""Everything between the socket and Streamlit: headers, host check, own routes, API, gate."""

from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from console import session_pages
from console.addresses import Addresses
from console.compressed_static import CompressedStatic
from console.gate import Gate, stripped
from console.headers import SecurityHeaders, console_policy
from console.live import Live
from console.session_routes import SessionRoutes
from console.vitals import Vitals
from services.api import production_gauges
from services.api.app import build_api
from services.settings import Settings

if TYPE_CHECKING:
    from services.bootstrap.services import Services


class Front:
    """The front of the house; pages open once Streamlit is let in behind the gate."""

    def __init__(self, settings: Settings, services: "Services") -> None:
        self.settings = settings
        self.addresses = Addresses.of(settings.console_url, settings.port)
        self.live = Live(services.sessions)
        self.state = "starting"
        self._gate: ASGIApp = _starting
        vitals = Vitals(
            services.store,
            services.tokens,
            self.live,
            lambda: self.state,
            lambda: production_gauges.gauges(services),
        )
        sessions = SessionRoutes(services.sessions, self.live, self.addresses)
        self._own = Starlette(routes=[*vitals.routes(), *sessions.routes()])
        self._api = build_api(services)
        self._outer = SecurityHeaders(self._reception, secure=self.addresses.secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one socket."""
        await self._outer(scope, receive, send)

    def let_in(self, inside: ASGIApp, bundles: Path) -> None:
        """Put Streamlit behind the gate."""
        from console.inside import by_itself

        index = (bundles / "index.html").read_text(encoding="utf-8")
        self._outer.policy = console_policy(index, self.addresses.sockets)
        static = CompressedStatic(inside, bundles)
        self._gate = Gate(static, self.live, self.addresses, by_itself)

    async def _reception(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self.addresses.knows_host(Headers(scope=scope).get("host")):
            await _wrong_host(scope, receive, send)
            return
        await self._part(scope["path"])(stripped(scope), receive, send)

    def _part(self, path: str) -> ASGIApp:
        if path in ("/ready", "/metrics") or path.startswith("/session/"):
            return self._own
        if path == "/api" or path.startswith("/api/"):
            return self._api
        return self._gate


async def _wrong_host(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4400})
        return
    words = "This console does not answer under that name."
    await PlainTextResponse(words, 400)(scope, receive, send)


async def _starting(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1013})
        return
    answer = HTMLResponse(session_pages.starting(), 503, headers={"Retry-After": "1"})
    await answer(scope, receive, send)
