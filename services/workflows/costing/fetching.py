"""Answers of OpenCost by its address: one address, no redirects, a bounded time, a bounded answer."""

import ssl
from functools import lru_cache
from urllib.parse import urlsplit

import httpcore

from services.facts.cost.opencost import LARGEST
from services.kernel.error import InvalidInput, SourceUnavailable
from services.workflows.notification.wire import Wire

IN_ALL, STEP = 60.0, 20.0
_TIMEOUTS = {"connect": STEP, "read": STEP, "write": STEP, "pool": STEP}
_BROKEN = (
    httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError,
)  # fmt: skip


def allocations(url: str, *, inside: bool) -> bytes:
    """Return what OpenCost answers, ``http://…/allocation?window=…``.

    Parameters
    ----------
    inside
        Whether the address may lie in this network; OpenCost mostly does.

    Raises
    ------
    InvalidInput
        When the address may not be spoken to, or the answer is larger than 64 MiB.
    SourceUnavailable
        When nobody answers in time, or not with an allocation.
    """
    if urlsplit(url).scheme == "http" and not inside:
        raise InvalidInput(
            "Over http nothing is protected; write https, or --inside for this network."
        )
    try:
        with (
            httpcore.ConnectionPool(
                _trust(), network_backend=Wire(allow_private=inside, in_all=IN_ALL)
            ) as pool,
            pool.stream(
                "GET", url, headers=[("User-Agent", "Countersign"), ("Accept", "application/json")],
                extensions={"timeout": _TIMEOUTS},
            ) as response,
        ):  # fmt: skip
            if response.status != 200:
                raise SourceUnavailable(f"OpenCost answers with HTTP {response.status}, not with allocations.")  # fmt: skip
            return _read(response)
    except _BROKEN as error:
        raise SourceUnavailable("OpenCost does not answer there in time; is the address right?") from error  # fmt: skip
    except httpcore.UnsupportedProtocol as error:
        raise InvalidInput(
            f"{url} is no address; write https://HOST/allocation?window=1d."
        ) from error


def _read(response: httpcore.Response) -> bytes:
    held = bytearray()
    for chunk in response.iter_stream():
        held += chunk
        if len(held) > LARGEST:
            raise InvalidInput("The answer is larger than 64 MiB; ask for a shorter window.")
    return bytes(held)


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    return httpcore.default_ssl_context()
