"""No request of the API is larger than it can be: bodies are read before tokens are looked at."""

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.problems import problem
from services.kernel.error import InvalidInput

MOST = 1024 * 1024
_WORDS = "The request is larger than one megabyte; send less at once"


class BodyLimit:
    """Refuses bodies above a megabyte, said or sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said) > MOST:
            await problem(InvalidInput, f"{_WORDS}.", 413)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MOST:
                raise HTTPException(413, _WORDS)
            return message

        await self._app(scope, counted, send)
