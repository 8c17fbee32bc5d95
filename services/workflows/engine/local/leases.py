"""Processors and GPUs of this machine, each held by one attempt at a time.

A lease is the lock of a file: it ends with the process that holds it, however that ends. Who dies leaves its
mark in the file; the next holder first ends what is left of it, so nothing runs twice on one GPU.

Imported by the supervisor: the standard library only, and little of it.
"""

import fcntl
import os

from services.workflows.engine.local import processes
from services.workflows.engine.local.place import take

ALLOCATING = "allocating"


class Leases:
    """What an attempt holds: as many of each kind as it wants, or none at all."""

    def __init__(self, folder: str, mark: str) -> None:
        self._folder = folder
        self._mark = mark
        self._held: dict[str, int] = {}

    def acquire(self, wanted: list[tuple[list[str], int]]) -> list[list[str]] | None:
        """Return the places that were taken, kind by kind; None while there are too few.

        Parameters
        ----------
        wanted
            Of each kind: the paths of its places, relative to the folder or absolute, and how many.
        """
        os.makedirs(self._folder, 0o700, exist_ok=True)  # noqa: PTH103 (see place)
        turn = os.open(self._path(ALLOCATING), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(turn, fcntl.LOCK_EX)
            taken = [self._some(places, number) for places, number in wanted]
        finally:
            os.close(turn)
        if any(len(found) < number for found, (_, number) in zip(taken, wanted, strict=True)):
            self.release()
            return None
        for each in self._held.values():
            self._enter(each)
        return taken

    def _some(self, places: list[str], number: int) -> list[str]:
        found: list[str] = []
        for place in places:
            if len(found) == number:
                break
            lock = take(self._path(place))
            if lock is not None:
                self._held[place] = lock
                found.append(place)
        return found

    def _enter(self, lock: int) -> None:
        """End what the last holder left, and write our own mark."""
        before = os.pread(lock, 256, 0).decode(errors="replace")
        if before and before != self._mark:
            processes.sweep(before)
        os.ftruncate(lock, 0)
        os.pwrite(lock, self._mark.encode(), 0)

    def release(self) -> None:
        """Give everything back."""
        for lock in self._held.values():
            if os.pread(lock, 256, 0).decode(errors="replace") == self._mark:
                os.ftruncate(lock, 0)
            os.close(lock)
        self._held.clear()

    def _path(self, place: str) -> str:
        return os.path.join(self._folder, place)  # noqa: PTH118 (see place)
