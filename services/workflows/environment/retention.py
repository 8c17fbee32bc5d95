"""Which environments stay on the disk: those used last, within a limit, and what is in use always.

Notes
-----
Environments link to the cache of downloads, so a file counts once wherever it stands. Where all of it
is above the limit the cache goes first, since it can be downloaded again; then environments go, the one
that was used longest ago first, until they are within the limit.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from services.kernel.clock import Clock
from services.workflows.environment.service import ABOUT, CACHE
from services.workflows.environment.uv_adapter import Uv

log = structlog.get_logger(__name__)
RECENT = timedelta(hours=1)
"""Who was just told where an environment is may not have written down that it is in use."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An environment on the disk."""

    folder: Path
    used_at: datetime

    @property
    def digest(self) -> str:
        """Return the digest of its lock."""
        return self.folder.name.partition("-")[0]


@dataclass(frozen=True, slots=True)
class Tidied:
    """How the disk stands after a look.

    Attributes
    ----------
    environments
        How many there are; ``in_use`` of them may not go.
    bytes
        Of all of them and of the cache, each file once.
    removed, emptied
        How many environments went, and whether the cache did.
    """

    environments: int
    in_use: int
    bytes: int
    limit: int
    removed: int
    emptied: bool


def order(held: Sequence[Kept], in_use: frozenset[str], now: datetime) -> list[Kept]:
    """Return the environments that may go, the one used longest ago first."""
    free = [each for each in held if each.digest not in in_use and now - each.used_at > RECENT]
    return sorted(free, key=lambda each: (each.used_at, each.folder.name))


class Retention:
    """Keeps the environments of one machine within a limit.

    Parameters
    ----------
    root
        As of ``Environments``.
    limit
        Bytes of environments and cache together.
    in_use
        Returns the digests of the environments of tickets under way.
    """

    def __init__(
        self, root: Path, limit: int, in_use: Callable[[], frozenset[str]], clock: Clock
    ) -> None:
        self._root, self._limit = root.absolute(), limit
        self._in_use, self._clock = in_use, clock
        self._uv = Uv(self._root / CACHE)

    def tidy(self) -> Tidied:
        """Let go of what is above the limit; return how the disk stands then."""
        needed, now = self._in_use(), self._clock.now()
        emptied = self._size() > self._limit and self._empty_cache()
        removed = 0
        for each in order(self._held(), needed, now):
            if self._size() <= self._limit:
                break
            removed += self._remove(each)
        held = self._held()
        used = sum(each.digest in needed for each in held)
        told = Tidied(len(held), used, self._size(), self._limit, removed, emptied)
        if removed or emptied:
            log.info("environments tidied", **_plain(told))
        return told

    def _held(self) -> list[Kept]:
        found: list[Kept] = []
        for about in self._root.glob(f"*/{ABOUT}"):
            used = datetime.fromtimestamp(about.stat().st_mtime, UTC)
            if not about.parent.name.endswith((".building", ".leaving")):
                found.append(Kept(about.parent, used))
        return found

    def _remove(self, kept: Kept) -> bool:
        """Take one environment away, unless somebody builds it or has just asked for it."""
        with _alone(self._root / f"{kept.folder.name}.lock") as is_free:
            aside = kept.folder.with_name(f"{kept.folder.name}.leaving")
            if not is_free or (kept.folder / ABOUT).stat().st_mtime > kept.used_at.timestamp():
                return False
            shutil.rmtree(aside, ignore_errors=True)
            kept.folder.rename(aside)
            shutil.rmtree(aside, ignore_errors=True)
            (self._root / f"{kept.folder.name}.txt").unlink(missing_ok=True)
        return True

    def _empty_cache(self) -> bool:
        """Empty the cache, unless something is being built from it; tell whether it was."""
        locks = [_taken(each) for each in sorted(self._root.glob("*.lock"))]
        try:
            return None not in locks and (self._root / CACHE).is_dir() and self._uv.forget()
        finally:
            for each in locks:
                if each is not None:
                    os.close(each)

    def _size(self) -> int:
        """Return the bytes of all files, each counted once however many names it has."""
        sizes: dict[tuple[int, int], int] = {}
        for folder, _, names in os.walk(self._root):
            for name in names:
                try:
                    found = Path(folder, name).lstat()
                except FileNotFoundError:
                    continue
                sizes[found.st_dev, found.st_ino] = found.st_size
        return sum(sizes.values())


def _plain(told: Tidied) -> dict[str, Any]:
    return asdict(told)


def _taken(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Hold the lock of an environment for a moment; False while somebody else does."""
    descriptor = _taken(path)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)
