"""Posting to a receiver: one address, no redirects, bounded time, nothing of the answer but its number."""

import ssl
from contextlib import suppress
from functools import lru_cache

import httpcore

from services.kernel.error import InvalidInput, SourceUnavailable
from services.workflows.notification.types import Answer, Letter, Outcome
from services.workflows.notification.wire import Wire

CONNECT, READ = 5.0, 5.0
LARGEST_ANSWER = 64 * 1024
LONGEST_WAIT = 3600.0
_AGAIN = frozenset({408, 425, 429})
_TIMEOUTS = {"connect": CONNECT, "read": READ, "write": READ, "pool": CONNECT}
_BROKEN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


def post(letter: Letter, *, allow_private: bool) -> Answer:
    """Send one request and return what became of it."""
    wire = Wire(allow_private=allow_private)
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
