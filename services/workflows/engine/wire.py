"""Requests to a cluster over HTTP: one address, no redirects, a bounded time, a bounded answer."""

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import httpcore

from services.kernel.error import InvalidInput, SourceUnavailable
from services.kernel.text import visible
from services.standards.engine.types import Connection
from services.workflows.notification.wire import Wire

IN_ALL = 10.0
STEP = 5.0
LONGEST_WORDS = 300
LARGEST_ANSWER = 16 * 1024 * 1024
_TIMEOUTS = {"connect": STEP, "read": STEP, "write": STEP, "pool": STEP}
_BROKEN = (
    httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, InvalidInput,
    SourceUnavailable, ssl.SSLError,
)  # fmt: skip


def told(text: str) -> str:
    """Return what a cluster said, short, on one line, with hidden characters spelled out."""
    return visible(" ".join(text.split()))[:LONGEST_WORDS]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a cluster answered."""

    status: int
    body: bytes

    @property
    def is_good(self) -> bool:
        """Tell whether it did what it was asked."""
        return 200 <= self.status < 300

    @property
    def json(self) -> Any:
        """Return the body, read.

        Raises
        ------
        SourceUnavailable
            When it is no JSON, as the page of a proxy.
        """
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise SourceUnavailable("What answers there is not the cluster; look at its address.") from error  # fmt: skip

    @property
    def words(self) -> str:
        """Return what it said, short and on one line; a cluster's own words, not a secret."""
        return told(self.body[:2000].decode(errors="replace"))


class ClusterApi:
    """The API of a cluster.

    Parameters
    ----------
    connection
        Its ``url``, its ``token`` where it has one, and ``ca`` where its certificate needs one.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._trust = _trust(connection.address.get("ca", ""))

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Send one request and return its answer, whatever its status below 500 but a refusal.

        Raises
        ------
        SourceUnavailable
            When the cluster does not answer in time, or refuses the token.
        """
        reply = self._send(method, path, query or {}, body)
        if reply.status in (401, 403):
            raise SourceUnavailable(f"The cluster refuses the token (HTTP {reply.status}).")
        if 300 <= reply.status < 400:
            raise SourceUnavailable("The cluster points to another address, which is never followed.")  # fmt: skip
        if reply.status in (429, 502, 503, 504):
            raise SourceUnavailable(f"The cluster cannot answer now (HTTP {reply.status}).")
        return reply

    def _send(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any] | None
    ) -> Reply:
        wire = Wire(allow_private=self._connection.allow_private, in_all=IN_ALL)
        url = f"{self._connection.url}{path}" + (f"?{urlencode(query)}" if query else "")
        try:
            with (
                httpcore.ConnectionPool(self._trust, network_backend=wire) as pool,
                pool.stream(
                    method, url, headers=self._headers(), extensions={"timeout": _TIMEOUTS},
                    content=json.dumps(body).encode() if body is not None else None,
                ) as response,
            ):  # fmt: skip
                return Reply(response.status, _read(response))
        except _BROKEN as error:
            raise SourceUnavailable(_why(error)) from error

    def _headers(self) -> list[tuple[str, str]]:
        token = self._connection.secrets.get("token", "")
        given = [("User-Agent", "Countersign"), ("Content-Type", "application/json")]
        return [*given, ("Authorization", f"Bearer {token}")] if token else given


@lru_cache(maxsize=16)
def _trust(ca: str) -> ssl.SSLContext:
    """Return whom to believe; made once, since reading the authorities takes longer than asking."""
    found = httpcore.default_ssl_context()
    if ca:
        try:
            found.load_verify_locations(cadata=ca)
        except ssl.SSLError as error:
            raise InvalidInput("The certificate of the cluster's authority cannot be read.") from error  # fmt: skip
    return found


def _read(response: httpcore.Response) -> bytes:
    read = bytearray()
    for chunk in response.iter_stream():
        read += chunk
        if len(read) > LARGEST_ANSWER:
            raise SourceUnavailable("The cluster's answer has no end.")
    return bytes(read)


def _why(error: Exception) -> str:
    if isinstance(error, (InvalidInput, SourceUnavailable)):
        return error.message.replace("The receiver", "The cluster")
    return "The cluster does not answer in time, or its certificate does not hold."
