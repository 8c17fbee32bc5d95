"""Whose page is drawn now: one at a time, in the order of asking, and a long one holds nobody up (ADR 24)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST = 0.25
"""Seconds after which the next run begins beside one that is still at it; most take a tenth of this."""


class Turns:
    """A queue of runs of scripts.

    Parameters
    ----------
    longest
        Seconds that a run has for itself. Then the next one in the queue begins beside it.

    Attributes
    ----------
    waiting
        Runs that have not begun.

    Notes
    -----
    Runs share one interpreter. Beside each other they do not end earlier, they take the interpreter
    from each other at every query and message, and each one waits for all.
    """

    def __init__(self, longest: float = _LONGEST) -> None:
        self.waiting = 0
        self._longest = longest
        self._queue = threading.Lock()
        self._last = _Run()
        self._last.began.set()
        self._last.ended.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a turn and hold it until the block is left."""
        mine = _Run()
        with self._queue:
            before, self._last = self._last, mine
            self.waiting += 1
        before.began.wait()
        before.ended.wait(self._longest)
        mine.began.set()
        with self._queue:
            self.waiting -= 1
        try:
            yield
        finally:
            mine.ended.set()


class _Run:
    def __init__(self) -> None:
        self.began, self.ended = threading.Event(), threading.Event()


TURNS = Turns()
"""The queue of this process."""
