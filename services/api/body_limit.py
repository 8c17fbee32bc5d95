"""No request of the API is larger than it can be: bodies are read before tokens are looked at."""

from fastapi import HTTPException
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.problems import problem
from services.kernel.error import InvalidInput

MEGABYTE = 1024 * 1024
_OF_BATCHES = 16
_BATCHES = ("/predictions", "/outcomes", "/protected")


def most(path: str) -> int:
    """Return how many megabytes a request to a path may have."""
    return _OF_BATCHES if path.endswith(_BATCHES) else 1


class BodyLimit:
    """Refuses bodies above a megabyte, or above what a batch of rows may have; said or sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        megabytes = most(scope["path"])
        words = f"The request is larger than {megabytes} MB; send less at once"
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isdecimal() or int(said) > megabytes * MEGABYTE:
            await problem(InvalidInput, f"{words}.", 413)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > megabytes * MEGABYTE:
                raise HTTPException(413, words)
            return message

        await self._app(scope, counted, send)
