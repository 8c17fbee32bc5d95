"""The security headers of every answer."""

import base64
import hashlib
import re
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_REMOVED = ("server", "access-control-allow-origin", "x-powered-by")
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def sha256_source(text: str) -> str:
    """Return the source expression that allows exactly one inline script or style."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def console_policy(index_html: str, sockets: Iterable[str]) -> str:
    """Return the content security policy under which Streamlit's pages run.

    Parameters
    ----------
    index_html
        Streamlit's own page; its inline scripts are allowed by their digests, nothing else is.
    sockets
        WebSocket origins, for browsers in which ``'self'`` does not cover them.
    """
    hashes = " ".join(sha256_source(each) for each in _INLINE.findall(index_html))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            f"connect-src 'self' {' '.join(sockets)}".rstrip(),
            "worker-src 'self' blob:",
            "frame-src 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class SecurityHeaders:
    """Adds to every answer what tells a browser to be careful; an answer's own policy stands.

    Parameters
    ----------
    secure
        Whether people come over https; then the browser is told to keep to it for a year.
    """

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        self.policy = NOTHING
        self._fixed = {
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        }
        if secure:
            self._fixed["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def careful(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                self._dress(MutableHeaders(scope=message))
            await send(message)

        await self._app(scope, receive, careful)

    def _dress(self, headers: MutableHeaders) -> None:
        for name in _REMOVED:
            if name in headers:
                del headers[name]
        for name, value in self._fixed.items():
            headers[name] = value
        headers.setdefault("Content-Security-Policy", self.policy)
        headers.setdefault("Cache-Control", "no-store")
