"""The ASGI door: ``/health`` from the first moment, everything else as it opens behind it.

Nothing heavy is imported here. The rest of the house is loaded in a thread while this already
answers; ``uvicorn console.app:app`` and ``python -m console.serve`` both work.
"""

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.types import Receive, Scope, Send

from console.runtime import services, settings
from services.kernel.error import CountersignError

if TYPE_CHECKING:
    from streamlit import App

    from console.front import Front

_log = logging.getLogger(__name__)
_STARTING = b"""<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta http-equiv="refresh" content="1"><title>Starting - Countersign</title></head>
<body><main><h1>Countersign is starting</h1>
<p>The sign-in page appears by itself in a few seconds.</p></main></body></html>"""


class Door:
    """The application that the server runs.

    Parameters
    ----------
    script
        The Streamlit script behind the gate; None is the console's own.
    open_front
        Opens what stands in front of it; called once, in a thread.
    """

    def __init__(
        self, script: Path | None = None, open_front: "Callable[[], Front] | None" = None
    ) -> None:
        self._script = script
        self._open_front = open_front or _front
        self._front: Front | None = None
        self._closing = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, serve one socket, or live through the server's lifespan."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["path"] == "/health":
            await _answer(send, 200, b'{"status":"ok"}', b"application/json")
        elif self._front is not None:
            await self._front(scope, receive, send)
        elif scope["type"] == "http":
            await _not_yet(scope, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1013})

    async def _live(self, receive: Receive, send: Send) -> None:
        opening: asyncio.Task[None] | None = None
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                opening = asyncio.create_task(self._open())
                opening.add_done_callback(_leave_when_it_failed)
                await send({"type": "lifespan.startup.complete"})
            else:
                self._closing.set()
                if opening is not None:
                    await asyncio.wait({opening})
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _open(self) -> None:
        """Open the house from the outside in, keep it open, and close it again."""
        front = await asyncio.to_thread(self._open_front)
        self._front = front
        watching = asyncio.create_task(front.live.watch())
        watching.add_done_callback(_leave_when_it_failed)
        pages = await asyncio.to_thread(_pages, front, self._script)
        async with pages.lifespan()(None):
            await asyncio.to_thread(_let_in, front, pages, self._script)
            front.state = "ready"
            _log.info("console ready at %s", front.settings.console_url)
            await self._closing.wait()
        watching.cancel()


def _front() -> "Front":
    from console.front import Front

    return Front(settings(), services())


def _pages(front: "Front", script: Path | None) -> "App":
    from console import inside

    return inside.build(front.addresses, front.settings, script or inside.MAIN)


def _let_in(front: "Front", pages: "App", script: Path | None) -> None:
    from console import inside

    inside.warm_up(script or inside.MAIN)
    front.let_in(pages, inside.bundles())


def _leave_when_it_failed(task: "asyncio.Task[None]") -> None:
    """Say why the house did not open or stay open, and let the supervisor start it again."""
    error = None if task.cancelled() else task.exception()
    if error is not None:
        words = error.message if isinstance(error, CountersignError) else "see the traceback"
        _log.critical("the console cannot go on: %s", words, exc_info=error)
        signal.raise_signal(signal.SIGTERM)


async def _not_yet(scope: Scope, send: Send) -> None:
    if scope["path"] == "/ready":
        await _answer(send, 503, b'{"state":"starting"}', b"application/json")
        return
    await _answer(send, 503, _STARTING, b"text/html; charset=utf-8")


async def _answer(send: Send, status: int, body: bytes, kind: bytes) -> None:
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"retry-after", b"1"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


app = Door()
