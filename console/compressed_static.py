"""Streamlit's own bundles, compressed once for each file and kept by the browser for good."""

import asyncio
import gzip
import mimetypes
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/static/"
_WORTH_IT = frozenset({".js", ".css", ".json", ".svg", ".html", ".wasm", ".txt", ".map"})
_KINDS = {".js": "text/javascript", ".wasm": "application/wasm"}
_FOREVER = "public, max-age=31536000, immutable"


class CompressedStatic:
    """Answers ``/static/…`` from memory, compressed; everything else goes on.

    Parameters
    ----------
    folder
        The folder that holds ``static/``. The names in it carry a digest of their content.
    """

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self._app = app
        self._folder = folder.resolve()
        self._kept: dict[str, bytes] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found = self._file(scope)
        if found is None:
            await self._app(scope, receive, send)
            return
        kind = _KINDS.get(found.suffix) or mimetypes.guess_type(found.name)[0]
        headers = {
            "Content-Encoding": "gzip",
            "Cache-Control": _FOREVER,
            "Vary": "Accept-Encoding",
        }
        body = await self._compressed(found)
        await Response(body, media_type=kind, headers=headers)(scope, receive, send)

    def _file(self, scope: Scope) -> Path | None:
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        headers = Headers(scope=scope)
        path: str = scope["path"]
        if not path.startswith(PREFIX) or "range" in headers or "\0" in path:
            return None
        if "gzip" not in headers.get("accept-encoding", ""):
            return None
        file = (self._folder / path.removeprefix("/")).resolve()
        if not file.is_relative_to(self._folder / "static") or file.suffix not in _WORTH_IT:
            return None
        return file if file.is_file() else None

    async def _compressed(self, file: Path) -> bytes:
        name = str(file)
        if name not in self._kept:
            async with self._locks.setdefault(name, asyncio.Lock()):
                if name not in self._kept:
                    self._kept[name] = await run_in_threadpool(_gzip, file)
        return self._kept[name]


def _gzip(file: Path) -> bytes:
    return gzip.compress(file.read_bytes(), 6, mtime=0)
