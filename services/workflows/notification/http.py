"""Posting to a receiver: one address, no redirects, bounded time, nothing of the answer but its number."""

import ssl
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from typing import Any

import httpcore

from services.kernel.error import InvalidInput, SourceUnavailable
from services.workflows.notification.addresses import resolved
from services.workflows.notification.types import Answer, Letter, Outcome

CONNECT, READ, IN_ALL = 5.0, 5.0, 10.0
LARGEST_ANSWER = 64 * 1024
LONGEST_WAIT = 3600.0
_AGAIN = frozenset({408, 425, 429})
_TIMEOUTS = {"connect": CONNECT, "read": READ, "write": READ, "pool": CONNECT}
_BROKEN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


def post(letter: Letter, *, allow_private: bool) -> Answer:
    """Send one request and return what became of it."""
    wire = _Wire(allow_private=allow_private)
    headers = [("User-Agent", "Countersign"), ("Accept", "*/*"), *letter.headers]
    try:
        with (
            httpcore.ConnectionPool(_trust(), network_backend=wire) as pool,
            pool.stream(
                "POST", letter.url, headers=headers, content=letter.body,
                extensions={"timeout": _TIMEOUTS},
            ) as response,
        ):  # fmt: skip
            return _judged(response)
    except InvalidInput as error:
        return Answer(Outcome.REFUSED, error.message)
    except SourceUnavailable as error:
        return Answer(Outcome.UNREACHED, error.message)
    except (httpcore.ConnectError, httpcore.ConnectTimeout):
        words = "The receiver does not take the connection, or its certificate does not hold."
        return Answer(Outcome.UNREACHED, words)
    except _BROKEN:
        if not wire.wrote:
            return Answer(Outcome.UNREACHED, "The connection broke off before the message was out.")
        return Answer(Outcome.UNSURE, "The receiver took the message and did not answer in time.")


def _judged(response: httpcore.Response) -> Answer:
    status = response.status
    with suppress(*_BROKEN):
        _drain(response)
    if 200 <= status < 300:
        return Answer(Outcome.DELIVERED, "The receiver took it.", status)
    if 300 <= status < 400:
        words = "The receiver points to another address, which is never followed."
        return Answer(Outcome.REFUSED, words, status)
    if status in _AGAIN or status >= 500:
        words = f"The receiver cannot take it now (HTTP {status})."
        return Answer(Outcome.UNREACHED, words, status, _wait(response))
    return Answer(Outcome.REFUSED, f"The receiver refuses it (HTTP {status}).", status)


def _drain(response: httpcore.Response) -> None:
    left = LARGEST_ANSWER
    for chunk in response.iter_stream():
        left -= len(chunk)
        if left <= 0:
            return


def _wait(response: httpcore.Response) -> float | None:
    held = {name.lower(): value for name, value in response.headers}
    text = held.get(b"retry-after", b"").decode("ascii", "replace").strip()
    return min(float(text), LONGEST_WAIT) if text.isdecimal() and text.isascii() else None


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


class _Wire(httpcore.NetworkBackend):
    """Connects to nothing but the addresses that a name was resolved to and that may be spoken to.

    Attributes
    ----------
    wrote
        Whether everything that was to be written went out.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._until = time.monotonic() + IN_ALL
        self._plain = httpcore.SyncBackend()
        self.wrote = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("no address")
        for address in resolved(host, port, allow_private=self._allow_private):
            try:
                made = self._plain.connect_tcp(
                    address, port, self.left(timeout), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(made, self)
        raise failed

    def left(self, timeout: float | None) -> float:
        """Return how long one step may take, in seconds."""
        return max(0.001, min(timeout or IN_ALL, self._until - time.monotonic()))


class _Stream(httpcore.NetworkStream):
    """A stream every step of which ends within the time given to the whole."""

    def __init__(self, inner: httpcore.NetworkStream, wire: _Wire) -> None:
        self._inner, self._wire = inner, wire

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._wire.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._wire.wrote = False
        self._inner.write(buffer, self._wire.left(timeout))
        self._wire.wrote = True

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._wire.left(timeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._wire)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
