"""How fast a caller may send: a bucket that fills with time, for each token."""

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.facts.prediction.types import TooFast


class Pace:
    """Lets so many rows a second through for each caller, and so many batches at once.

    Parameters
    ----------
    rows_per_second, burst
        What a caller may send in the long run, and at once.
    at_once
        Batches of all callers that are written at the same time.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        rows_per_second: float = 20_000,
        burst: float = 200_000,
        at_once: int = 8,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate, self._burst, self._clock = rows_per_second, burst, clock
        self._places = threading.BoundedSemaphore(at_once)
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def admitted(self, caller: str, rows: int) -> Iterator[None]:
        """Let a batch in.

        Raises
        ------
        TooFast
            With the seconds to wait; nothing of the batch was looked at.
        """
        if not self._places.acquire(blocking=False):
            raise TooFast("Too many batches are written at once; try again shortly.", 1)
        try:
            self._take(caller, rows)
            yield
        finally:
            self._places.release()

    def _take(self, caller: str, rows: int) -> None:
        with self._lock:
            now = self._clock()
            left, since = self._left.get(caller, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._rate)
            if rows > left:
                self._left[caller] = (left, now)
                wait = max(1, math.ceil((rows - left) / self._rate))
                words = f"This token may send {self._rate:,.0f} rows a second; wait {wait} s."
                raise TooFast(words, wait)
            self._left[caller] = (left - rows, now)
