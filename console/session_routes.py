"""Signing in and out: plain forms, answered before Streamlit is even loaded."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from console import session_pages
from console.addresses import Addresses, inner_path
from console.gate import session_of
from console.live import Live
from services.kernel.error import CountersignError, InvalidInput, NotFound, SourceUnavailable
from services.people.account.types import Principal
from services.people.session import rules
from services.people.session.service import Sessions
from services.people.session.types import TooManyAttempts

_log = logging.getLogger(__name__)
_STATIC = Path(__file__).parent / "static"
_FILES = frozenset({"logo.svg", "mark.svg", "countersign-sans.woff2"})
_FORM_BYTES = 16 * 1024
_QUEUE = 32


class SessionRoutes:
    """The routes under ``/session/``."""

    def __init__(self, sessions: Sessions, live: Live, addresses: Addresses) -> None:
        self._sessions = sessions
        self._live = live
        self._addresses = addresses
        self._limiter = CapacityLimiter(4)

    def routes(self) -> list[Route]:
        """Return the routes."""
        link, out = "/session/link/{token}", "/session/sign-out"
        return [
            Route("/session/sign-in", self.ask, methods=["GET"]),
            Route("/session/sign-in", self.sign_in, methods=["POST"]),
            Route(link, self.invite, methods=["GET"]),
            Route(link, self.choose_password, methods=["POST"]),
            Route(out, self.ask_to_leave, methods=["GET"]),
            Route(out, self.sign_out, methods=["POST"]),
            Route("/session/static/{name}", self.static, methods=["GET"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show the sign-in page, or go on when signed in already."""
        wanted = inner_path(request.query_params.get("next"))
        if await self._person(request) is not None:
            return RedirectResponse(wanted, 303)
        return _page(session_pages.sign_in(wanted))

    async def sign_in(self, request: Request) -> Response:
        """Take address and password."""
        form = await self._form(request)
        if isinstance(form, Response):
            return form
        wanted, email = inner_path(form.get("next")), form.get("email", "")
        address = request.client.host if request.client else "unknown"
        work = partial(self._sessions.sign_in, email, form.get("password", ""), address)
        try:
            return self._welcome(await self._slowly(work), wanted)
        except CountersignError as error:
            return _refused(error, session_pages.sign_in(wanted, email[:254], error.message))

    async def invite(self, request: Request) -> Response:
        """Show whose link it is. Looking at a link, also by a mail scanner, never uses it up."""
        token = request.path_params["token"]
        person = await to_thread.run_sync(self._sessions.invited, token)
        if person is None:
            return _page(session_pages.dead_link(), 410)
        least = rules.PASSWORD_LEAST
        return _page(session_pages.choose_password(token, person.name, person.email, least))

    async def choose_password(self, request: Request) -> Response:
        """Take the password that a link asked for."""
        form = await self._form(request)
        if isinstance(form, Response):
            return form
        token, least = request.path_params["token"], rules.PASSWORD_LEAST
        person = await to_thread.run_sync(self._sessions.invited, token)
        if person is None:
            return _page(session_pages.dead_link(), 410)
        work = partial(self._sessions.choose_password, token, form.get("password", ""))
        try:
            return self._welcome(await self._slowly(work), "/")
        except NotFound:
            return _page(session_pages.dead_link(), 410)
        except CountersignError as error:
            name, email = person.name, person.email
            shown = session_pages.choose_password(token, name, email, least, error.message)
            return _refused(error, shown)

    async def ask_to_leave(self, request: Request) -> Response:
        """Show the page that signs out."""
        person = await self._person(request)
        if person is None:
            return RedirectResponse("/session/sign-in", 303)
        return _page(session_pages.sign_out(person.name))

    async def sign_out(self, request: Request) -> Response:
        """End this browser's session, and cut its sockets now."""
        form = await self._form(request)
        if isinstance(form, Response):
            return form
        person = await self._person(request)
        if person is not None:
            work = partial(self._sessions.revoke, person.actor, person.session_id)
            await to_thread.run_sync(work)
            self._live.end(person.session_id)
        answer = RedirectResponse("/session/sign-in", 303)
        secure = self._addresses.secure
        answer.delete_cookie(
            self._addresses.cookie, httponly=True, samesite="lax", secure=secure, path="/"
        )
        return answer

    async def static(self, request: Request) -> Response:
        """Serve what these pages need before anybody signed in: logo and typeface."""
        name = request.path_params["name"]
        if name not in _FILES or not (_STATIC / name).is_file():
            return Response("There is nothing here.", 404)
        return FileResponse(_STATIC / name, headers={"Cache-Control": "public, max-age=86400"})

    async def _person(self, request: Request) -> Principal | None:
        session_id = session_of(request.scope, self._addresses.cookie)
        return await self._live.who(session_id) if session_id else None

    async def _slowly(self, work: Callable[[], str]) -> str:
        if self._limiter.statistics().tasks_waiting > _QUEUE:
            raise SourceUnavailable("Too many people sign in at this moment; try again.")
        return await to_thread.run_sync(work, limiter=self._limiter)

    def _welcome(self, cookie: str, wanted: str) -> Response:
        answer = RedirectResponse(wanted, 303)
        answer.set_cookie(
            self._addresses.cookie,
            cookie,
            max_age=int(self._sessions.limits.absolute.total_seconds()),
            path="/",
            httponly=True,
            samesite="lax",
            secure=self._addresses.secure,
        )
        return answer

    async def _form(self, request: Request) -> dict[str, str] | Response:
        """Return the fields of a form that one of our own pages sent, or why not."""
        headers = request.headers
        if not self._addresses.allows(headers.get("origin"), headers.get("sec-fetch-site")):
            words = "This form was sent by a page that is not ours. Open the console and try again."
            return _page(session_pages.problem("Not accepted", words), 403)
        kind = headers.get("content-type", "").partition(";")[0].strip()
        if kind != "application/x-www-form-urlencoded":
            return _page(session_pages.problem("Not accepted", "This is not a form."), 415)
        body = bytearray()
        try:
            async for chunk in request.stream():
                body += chunk
                if len(body) > _FORM_BYTES:
                    words = "What was typed is too long; a password has at most 1,024 bytes."
                    return _page(session_pages.problem("Too long", words), 413)
        except ClientDisconnect:
            return Response(status_code=400)
        return _fields(bytes(body))


def _fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        return {}
    return {name: values[0] for name, values in pairs.items()}


def _page(content: str, status: int = 200) -> Response:
    headers = {"Content-Security-Policy": session_pages.policy(), "Cache-Control": "no-store"}
    return HTMLResponse(content, status, headers=headers)


def _refused(error: CountersignError, content: str) -> Response:
    if isinstance(error, TooManyAttempts):
        answer = _page(content, 429)
        answer.headers["Retry-After"] = str(error.seconds)
        return answer
    if isinstance(error, SourceUnavailable):
        return _page(content, 503)
    return _page(content, 422 if isinstance(error, InvalidInput) else 401)
