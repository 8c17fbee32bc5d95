"""The segments of one model and stream: which days there are, and which of them changed."""

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from services.facts.prediction.seen import Seen

YOUNG_NS = 2_000_000_000
"""A file system's clock is coarse: what changed this lately may change again under the same instant."""
FEW, MOST = 8, 64
_FORM = 1


@dataclass(frozen=True)
class _Listed:
    """What a folder held; ``at`` is None where it was too young to be trusted."""

    at: int | None
    days: Mapping[date, int]
    live: frozenset[date] = frozenset()


class Shelf:
    """A folder of segments, looked through only where something changed.

    Parameters
    ----------
    kept
        A file that remembers what segments said of themselves. It may be lost at any time: what it
        says of a segment counts only as long as that stands in the very same state.

    Notes
    -----
    Nobody writes into a segment without a log beside it, and a log that is made or removed changes the
    folder. So a folder that did not change needs a look at itself and at the logs that lie in it.
    """

    def __init__(self, folder: Path, kept: Path) -> None:
        self._folder, self._kept = str(folder), kept
        self._listed = _Listed(None, {})
        self._seen: dict[date, Seen] = {}

    def states(self) -> Mapping[date, int]:
        """Return a number by day that differs after every commit, oldest first.

        It is the very same object as long as nothing changed.
        """
        before = self._listed
        try:
            at = os.stat(self._folder).st_mtime_ns  # noqa: PTH116
        except FileNotFoundError:
            at = -1
        if at == before.at:
            fresh = {each: self.state(each) for each in before.live}
            if all(before.days[day] == state for day, state in fresh.items()):
                return before.days
            days = {**before.days, **{d: s for d, s in fresh.items() if s is not None}}
            self._listed = _Listed(at, days, before.live)
        else:
            self._listed = self._list(at, before.days)
        return self._listed.days

    def state(self, day: date) -> int | None:
        """Return what differs after every commit to a day; None where it has no segment."""
        now, found = time.time_ns(), list[object]()
        path = f"{self._folder}/day={day.isoformat()}.sqlite"
        for each in (path, f"{path}-wal"):
            try:
                told = os.stat(each)  # noqa: PTH116
            except FileNotFoundError:
                if each == path:
                    return None
            else:
                young = abs(now - told.st_mtime_ns) < YOUNG_NS
                found += [told.st_ino, told.st_size, told.st_mtime_ns, now if young else 0]
        return hash(tuple(found))

    def seen(
        self, wanted: Mapping[date, int], look: Callable[[date, int], Seen]
    ) -> Iterator[tuple[date, Seen]]:
        """Yield days, each with what its segment says of itself; one in a known state is not opened.

        Parameters
        ----------
        wanted
            Days and the states they are in.
        look
            Opens a segment and looks.
        """
        if len(self._unknown(wanted)) > FEW:
            self._seen = {**self._remembered(), **self._seen}
        opened = 0
        for day, state in wanted.items():
            known = self._seen.get(day)
            if known is None or known.state != state:
                known = self._seen[day] = look(day, state)
                opened += 1
            yield day, known
        if opened > FEW:
            self._remember()

    def forget(self) -> None:
        """Let go of what is held in memory of single days."""
        self._seen = {}

    def _unknown(self, wanted: Mapping[date, int]) -> list[date]:
        held = self._seen
        return [d for d, state in wanted.items() if d not in held or held[d].state != state]

    def _list(self, at: int, before: Mapping[date, int]) -> _Listed:
        names = os.listdir(self._folder) if at >= 0 else []  # noqa: PTH208
        named = sorted(n[4:14] for n in names if n.startswith("day=") and n.endswith(".sqlite"))
        live = {n[4:14] for n in names if n.endswith(".sqlite-wal")}
        found = [(_day(name), self.state(_day(name))) for name in named]
        days = {day: state for day, state in found if state is not None}
        trusted = at >= 0 and abs(time.time_ns() - at) >= YOUNG_NS
        same = days == before
        logs = frozenset(_day(name) for name in live) & days.keys()
        return _Listed(at if trusted else None, before if same else days, frozenset(logs))

    def _remember(self) -> None:
        sets: dict[frozenset[tuple[str, str]], int] = {}
        days = [
            [
                day.isoformat(), its.state, its.tally, sets.setdefault(its.kinds, len(sets)),
                its.first and its.first.isoformat(), its.last and its.last.isoformat(),
            ]
            for day, its in sorted(self._seen.items())
        ]  # fmt: skip
        told = {"form": _FORM, "kinds": [sorted(each) for each in sets], "days": days}
        self._kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self._kept.with_name(f"{self._kept.name}.{os.getpid()}.{time.time_ns()}")
        new.write_text(json.dumps(told, separators=(",", ":")), encoding="utf-8")
        new.chmod(0o600)
        new.replace(self._kept)

    def _remembered(self) -> dict[date, Seen]:
        try:
            told: Any = json.loads(self._kept.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        if told["form"] != _FORM:
            return {}
        sets = [frozenset((name, kind) for name, kind in each) for each in told["kinds"]]
        return {
            _day(day): Seen(
                state, Counter(tally), sets[place],
                first and datetime.fromisoformat(first), last and datetime.fromisoformat(last),
            )
            for day, state, tally, place, first, last in told["days"]
        }  # fmt: skip


class Shelves:
    """The shelves of a folder; only those used last remember single days, so that memory is bounded."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._held: dict[Path, Shelf] = {}

    def of(self, place: Path) -> Shelf:
        """Return the shelf of a folder of segments; it need not exist."""
        with self._lock:
            found = self._held.pop(place, None) or self._new(place)
            self._held[place] = found
            for each in islice(reversed(self._held.values()), MOST, MOST + 1):
                each.forget()
        return found

    def _new(self, place: Path) -> Shelf:
        inside = place.relative_to(self._folder)
        return Shelf(place, self._folder / "seen" / f"{inside}.json")


@lru_cache(maxsize=8_192)
def _day(name: str) -> date:
    """Return the day of a name: one object for all shelves, of which there may be thousands."""
    return date.fromisoformat(name)
