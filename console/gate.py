"""The session gate in front of Streamlit: pages, files, uploads and the socket behind them."""

from collections.abc import Callable
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from console.addresses import SAFE_METHODS, Addresses
from console.live import Live
from console.live_socket import CLOSED, LiveSocket
from services.kernel.error import SourceUnavailable
from services.people.account.types import Principal
from services.people.session.service import Sessions

_OURS = (b"x-countersign-", b"x_countersign_")
_SHUT = frozenset(
    {
        "/_stcore/metrics",
        "/_stcore/agent",
        "/_stcore/script-health-check",
        "/auth",
        "/oauth2callback",
    }
)


def stripped(scope: Scope) -> Scope:
    """Return the scope without the headers that only this process may write."""
    headers = [pair for pair in scope["headers"] if not pair[0].lower().startswith(_OURS)]
    return {**scope, "headers": headers}


class Gate:
    """Lets people with a session through, and tells what is inside who they are.

    Parameters
    ----------
    by_itself
        Tells whether a socket's message was sent by the page and not by a person, so that an open
        page that refreshes itself does not keep its session alive.
    """

    def __init__(
        self,
        inside: ASGIApp,
        live: Live,
        addresses: Addresses,
        by_itself: Callable[[bytes], bool] = lambda _: False,
    ) -> None:
        self._inside = inside
        self._live = live
        self._addresses = addresses
        self._by_itself = by_itself

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or serve one socket."""
        if _is_shut(scope["path"]):
            await _refuse(scope, receive, send, 404, "There is nothing here.")
            return
        if not self._may_speak(scope):
            await _refuse(scope, receive, send, 403, "This comes from a page that is not ours.")
            return
        session_id = session_of(scope, self._addresses.cookie)
        try:
            person = await self._live.who(session_id) if session_id else None
        except SourceUnavailable as error:
            await _refuse(scope, receive, send, 503, error.message)
            return
        if person is None:
            await _ask_to_sign_in(scope, receive, send)
            return
        known = self._introduced(scope, person)
        if scope["type"] == "websocket":
            await self._socket(known, receive, send, person.session_id)
            return
        await self._inside(known, receive, send)

    def _may_speak(self, scope: Scope) -> bool:
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            return True
        headers = Headers(scope=scope)
        site = headers.get("sec-fetch-site") if scope["type"] == "http" else None
        return self._addresses.allows(headers.get("origin"), site)

    def _introduced(self, scope: Scope, person: Principal) -> Scope:
        """Return the scope with who it is, and without the cookies that nobody inside needs."""
        kept = [pair for pair in scope["headers"] if pair[0] != b"cookie"]
        cookies = cookie_parser(Headers(scope=scope).get("cookie", ""))
        inner = "; ".join(
            f"{name}={value}"
            for name, value in cookies.items()
            if name != self._addresses.cookie and not name.startswith("_streamlit_user")
        )
        told = [
            (b"x-countersign-session", person.session_id.encode()),
            (b"x-countersign-person", person.person_id.encode()),
            (b"cookie", inner.encode("latin-1", "replace")),
        ]
        return {**scope, "headers": [*kept, *told]}

    async def _socket(self, scope: Scope, receive: Receive, send: Send, session_id: str) -> None:
        socket = LiveSocket(self._live, session_id, receive, send, self._by_itself)
        try:
            await self._inside(scope, socket.receive, socket.send)
        finally:
            self._live.leave(session_id)


def session_of(scope: Scope, cookie: str) -> str | None:
    """Return the id of the session whose secret the browser sent, or None."""
    secret = cookie_parser(Headers(scope=scope).get("cookie", "")).get(cookie)
    return Sessions.session_id(secret) if secret else None


def _is_shut(path: str) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in _SHUT)


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, words: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": CLOSED})
        return
    await PlainTextResponse(words, status)(scope, receive, send)


async def _ask_to_sign_in(scope: Scope, receive: Receive, send: Send) -> None:
    accepts = Headers(scope=scope).get("accept", "")
    if scope["type"] == "http" and scope["method"] == "GET" and "text/html" in accepts:
        query = scope["query_string"].decode("latin-1")
        wanted = scope["path"] + (f"?{query}" if query else "")
        target = "/session/sign-in" + ("" if wanted == "/" else f"?next={quote(wanted, safe='')}")
        await RedirectResponse(target, 303)(scope, receive, send)
        return
    await _refuse(scope, receive, send, 401, "Sign in first.")
