"""The folder of one attempt on this machine: who watches it, how it stands, how it ended.

Imported by the supervisor too: the standard library only, and little of it.
"""

import contextlib
import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from typing import Any

LOCK = "lock"
STARTED = "started.json"
STANDING = "standing.json"
USAGE = "usage.json"
EXIT = "exit.json"
CANCEL = "cancel.json"
LOG = "log"


class Place:
    """The folder of one attempt.

    Whoever holds its lock decides: the supervisor holds it as long as it lives, so a free lock without
    ``exit.json`` means that the supervisor died. Who writes such an end holds the lock meanwhile, and a
    supervisor that comes late finds it and does not start.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def path(self, name: str) -> str:
        """Return where a file of the attempt is."""
        return os.path.join(self.folder, name)  # noqa: PTH118 (pathlib costs the supervisor 3 MB)

    def has(self, name: str) -> bool:
        """Tell whether a file of the attempt is there."""
        return os.path.exists(self.path(name))  # noqa: PTH110 (as above)

    def read(self, name: str) -> dict[str, Any] | None:
        """Return a file of the attempt; None where it is absent or was written halfway."""
        try:
            with open(self.path(name), "rb") as file:  # noqa: PTH123 (as above)
                found = json.loads(file.read())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Put a file of the attempt in its place, whole."""
        aside = f"{self.path(name)}.{os.getpid()}"
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        text = json.dumps(content).encode()
        try:
            if os.write(descriptor, text) < len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), aside)
        finally:
            os.close(descriptor)
        os.replace(aside, self.path(name))  # noqa: PTH105 (as above)

    def take(self) -> int | None:
        """Return the lock, held until it is closed; None while somebody else holds it."""
        return take(self.path(LOCK))

    @contextlib.contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock for a moment; False while a supervisor holds it."""
        lock = self.take()
        try:
            yield lock is not None
        finally:
            if lock is not None:
                os.close(lock)

    def take_to_begin(self, patience: float) -> int | None:
        """Return the lock for a supervisor; None where there is nothing to begin.

        Raises
        ------
        TimeoutError
            When somebody held it all the time, and no attempt was begun.
        """
        until = time.monotonic() + patience
        while True:
            lock = self.take()
            if self.has(STARTED) or self.has(EXIT):
                if lock is not None:
                    os.close(lock)
                return None
            if lock is not None:
                return lock
            if time.monotonic() > until:
                raise TimeoutError(self.folder)
            time.sleep(0.01)


def take(path: str) -> int | None:
    """Return a file's lock, held until it is closed; None while somebody else holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
