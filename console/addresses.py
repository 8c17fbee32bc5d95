"""Under which names the console is reached, and whose pages may speak to it."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Addresses:
    """The names and origins of one deployment.

    Attributes
    ----------
    hosts
        Names that a ``Host`` header may bear, lower case, without port.
    origins
        Origins whose forms and sockets are accepted: ``scheme://host[:port]``.
    secure
        Whether people come over https.
    """

    hosts: frozenset[str]
    origins: frozenset[str]
    secure: bool

    @classmethod
    def of(cls, console_url: str, port: int) -> Self:
        """Return the addresses of a console at a public address, listening on a port."""
        public = urlsplit(console_url)
        local = {f"http://localhost:{port}", f"http://127.0.0.1:{port}"}
        return cls(
            hosts=frozenset({"localhost", "127.0.0.1", (public.hostname or "localhost").lower()}),
            origins=frozenset({f"{public.scheme}://{public.netloc}".lower(), *local}),
            secure=public.scheme == "https",
        )

    @property
    def cookie(self) -> str:
        """Return the name of the session cookie; over https the browser pins it to this host."""
        return "__Host-countersign" if self.secure else "countersign"

    @property
    def sockets(self) -> tuple[str, ...]:
        """Return the origins as WebSocket sources of a content security policy."""
        return tuple(sorted("ws" + each.removeprefix("http") for each in self.origins))

    def knows_host(self, header: str | None) -> bool:
        """Tell whether a ``Host`` header names this console; a missing or malformed one does not."""
        if not header or any(each in header for each in "@/?#\\, "):
            return False
        try:
            parts = urlsplit(f"//{header}")
            _ = parts.port
        except ValueError:
            return False
        return (parts.hostname or "").rstrip(".") in self.hosts

    def allows(self, origin: str | None, fetch_site: str | None) -> bool:
        """Tell whether a form or a socket comes from one of our own pages.

        Parameters
        ----------
        origin
            The ``Origin`` header; browsers always send it here, so None is refused.
        fetch_site
            The ``Sec-Fetch-Site`` header; None when the browser is old.
        """
        if origin is None or origin.lower() not in self.origins:
            return False
        return fetch_site in (None, "same-origin")


def inner_path(text: str | None) -> str:
    r"""Return where to go after signing in: a path of this console, else its home.

    Notes
    -----
    ``//host``, ``/\host`` and anything with a control character lead elsewhere in some browser.
    """
    path = text or "/"
    bad = not path.startswith("/") or path.startswith(("//", "/session/")) or "\\" in path
    return "/" if bad or not path.isprintable() or len(path) > 2000 else path
