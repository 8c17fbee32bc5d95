"""Holding on to a ticket while a long step of it is under way."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from services.decisions.retraining.fence import Fence
from services.kernel.error import Conflict, SourceUnavailable
from services.workflows.retraining.types import Fences

SHARE = 4
LOST = "Another worker drives this ticket now."


class Held:
    """The right to go on, as far as it is known."""

    def __init__(self, fences: Fences, fence: Fence) -> None:
        self._fences, self.fence = fences, fence
        self.lost = threading.Event()

    def check(self) -> None:
        """Ask once more, and refuse to go on when another drives.

        Raises
        ------
        Conflict
            When the lease ran out and somebody else may have taken it.
        """
        if self.lost.is_set() or not self._fences.renew(self.fence):
            self.lost.set()
            raise Conflict(LOST)

    def refuse(self) -> None:
        """Refuse to go on when the lease was lost, without asking the database."""
        if self.lost.is_set():
            raise Conflict(LOST)


@contextmanager
def kept(fences: Fences, fence: Fence) -> Iterator[Held]:
    """Renew a lease from a thread, four times while it runs, until the block is left."""
    held, leave = Held(fences, fence), threading.Event()
    every = fences.ttl.total_seconds() / SHARE

    def renew() -> None:
        while not leave.wait(every):
            try:
                if not fences.renew(fence):
                    held.lost.set()
                    return
            except SourceUnavailable:
                continue

    thread = threading.Thread(target=renew, name="retraining:lease", daemon=True)
    thread.start()
    try:
        yield held
    finally:
        leave.set()
        thread.join()
