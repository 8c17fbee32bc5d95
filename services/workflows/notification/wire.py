"""The wire under every request to somebody else's address: checked where it leads, and bounded in time."""

import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore

from services.workflows.notification.addresses import resolved

IN_ALL = 10.0


class Wire(httpcore.NetworkBackend):
    """Connects to nothing but the addresses that a name was resolved to and that may be spoken to.

    Parameters
    ----------
    in_all
        Seconds that everything over it may take, from now; None for ten.

    Attributes
    ----------
    wrote
        Whether everything that was to be written went out.
    """

    def __init__(self, *, allow_private: bool, in_all: float | None = None) -> None:
        self._allow_private = allow_private
        self._until = time.monotonic() + (in_all or IN_ALL)
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
        """Return a stream to the first address that takes the connection."""
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

    def __init__(self, inner: httpcore.NetworkStream, wire: Wire) -> None:
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
