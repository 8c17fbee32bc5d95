"""Where rows wait until they are written into Parquet: one SQLite file for each model, stream and day.

Notes
-----
A commit with ``synchronous=FULL`` is on the disk before it returns, whole or not at all; that and the
unique key are all that *acknowledged, never lost, never twice* needs. Several processes may write.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from services.facts.prediction import keeping, seen, segment
from services.facts.prediction.open_segments import OpenSegments
from services.facts.prediction.seen import Seen
from services.facts.prediction.shelf import Shelf, Shelves
from services.facts.prediction.types import DayCount, Kept, Reception, Row, Stream
from services.kernel.error import IntegrityBroken, SourceUnavailable

FINDINGS = ("contradicting", "unknown_version", "late", "caller_over_limit")


class Journal:
    """The segments of a folder.

    Parameters
    ----------
    folder
        On a local disk; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._open = folder, OpenSegments()
        self._shelves = Shelves(folder)

    def keep(
        self,
        model: str,
        stream: Stream,
        day: date,
        rows: Sequence[Row],
        received_at: datetime,
        *,
        versions: frozenset[int] | None = None,
        caller_limit: int | None = None,
    ) -> Kept:
        """Store the rows of one day; they are on the disk when this returns.

        A prediction is known by its id, and the first one stays. Outcomes are all kept; one that
        says exactly what is known already is a duplicate.

        Parameters
        ----------
        versions, caller_limit
            By which rows are counted as findings; they are stored all the same.

        Raises
        ------
        SourceUnavailable
            When the disk is full, or does not take rows; nothing of the batch's day was stored.
        IntegrityBroken
            When the file of that day is damaged.
        """
        path = self.path(model, stream, day)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise _full(path, error) from error
        marked = keeping.marked(rows)
        reception = Reception(received_at, received_at.date() > day, versions, caller_limit)
        with self.segment(model, stream, day, stays=not reception.over) as connection:
            return keeping.keep(connection, stream, marked, reception)

    def models(self, stream: Stream) -> list[str]:
        """Return the models of which there are rows, by name."""
        folders = (self._folder / stream).glob("model=*")
        return sorted(unquote(each.name.removeprefix("model=")) for each in folders)

    def days(self, model: str, stream: Stream) -> list[date]:
        """Return the days of which there are rows, oldest first."""
        return list(self.states(model, stream))

    def states(self, model: str, stream: Stream) -> Mapping[date, int]:
        """Return a number by day that differs after every commit, oldest first.

        It is the very same object as long as nothing changed, so that nobody need look twice.
        """
        return self._shelf(model, stream).states()

    def counts(self, model: str, stream: Stream) -> list[DayCount]:
        """Return how many rows each day holds, oldest first, and what was found about them."""
        counted, before = list[DayCount](), None
        for day, its in self._look(model, stream, self.states(model, stream)):
            found = {name: its.tally[name] for name in FINDINGS}
            found["orphan"] = its.tally["orphans"]
            found["schema_drift"] = seen.drifted(its.kinds, before)
            told = {name: n for name, n in sorted(found.items()) if n}
            tally, before = its.tally, its.kinds
            counted.append(
                DayCount(day, tally["rows"], tally["contradicting"], its.first, its.last, told)
            )
        return counted

    def tally(self, model: str, stream: Stream, day: date) -> Counter[str]:
        """Return the counters of a day; those of a day without a segment are 0."""
        state = self._shelf(model, stream).state(day)
        if state is None:
            return Counter()
        ((_, found),) = self._look(model, stream, {day: state})
        return found.tally.copy()

    def tallies(
        self, model: str, stream: Stream, since: date = date.min
    ) -> Iterator[tuple[date, Counter[str]]]:
        """Return the days from one on, oldest first, each with its counters, which are only read."""
        states = self.states(model, stream)
        return self.looked(model, stream, {d: s for d, s in states.items() if d >= since})

    def looked(
        self, model: str, stream: Stream, wanted: Mapping[date, int]
    ) -> Iterator[tuple[date, Counter[str]]]:
        """Yield days in known states, each with its counters, which are only read."""
        for day, found in self._look(model, stream, wanted):
            yield day, found.tally

    def _look(
        self, model: str, stream: Stream, wanted: Mapping[date, int]
    ) -> Iterator[tuple[date, Seen]]:
        """Look at segments; one whose files did not change since is not opened again."""

        def look(day: date, state: int) -> Seen:
            with self.segment(model, stream, day) as connection:
                return seen.look(connection, state)

        return self._shelf(model, stream).seen(wanted, look)

    def _shelf(self, model: str, stream: Stream) -> Shelf:
        return self._shelves.of(self.path(model, stream, date.min).parent)

    def rows(
        self,
        model: str,
        stream: Stream,
        day: date,
        *,
        since: datetime | None = None,
        matched: date | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the rows of a day that are not in a Parquet file, as they were received.

        Parameters
        ----------
        since
            Only answers from this instant on.
        matched
            Only outcomes of predictions of this day.
        """
        if not self.path(model, stream, day).exists():
            return
        conditions = {"at >= ?": since, "matched = ?": matched}
        asked = {where: value for where, value in conditions.items() if value is not None}
        where = " AND ".join(asked) or "TRUE"
        with self.segment(model, stream, day) as connection:
            span = (segment.tally(connection)["written"], None)
            values = [each.isoformat() for each in asked.values()]
            for told in segment.lines(connection, span, where, values):
                yield parsed(*told)

    def arrivals(self, model: str, stream: Stream, day: date) -> list[date]:
        """Return the days on which rows about a day's predictions arrived, oldest first."""
        if not self.path(model, Stream.PREDICTIONS, day).exists():
            return []
        with self.segment(model, Stream.PREDICTIONS, day) as connection:
            asked = "SELECT day FROM came WHERE stream = ? ORDER BY day"
            found = connection.execute(asked, (stream.value,)).fetchall()
        return [date.fromisoformat(each) for (each,) in found]

    def last_received(self, model: str, stream: Stream, day: date) -> datetime:
        """Return when the newest row of a day that has rows came in."""
        with self.segment(model, stream, day) as connection:
            asked = "SELECT received_at FROM row ORDER BY seq DESC LIMIT 1"
            return datetime.fromisoformat(connection.execute(asked).fetchone()[0])

    def forget(self, model: str, stream: Stream, day: date) -> None:
        """Remove the segment of a day."""
        self._open.close()
        path = self.path(model, stream, day)
        for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            each.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the segments that are open; the next batch opens its own again."""
        self._open.close()

    def path(self, model: str, stream: Stream, day: date) -> Path:
        """Return the file of a segment; it need not exist."""
        name = quote(model, safe=" ").replace(".", "%2E")
        return self._folder / stream / f"model={name}" / f"day={day.isoformat()}.sqlite"

    @contextmanager
    def segment(
        self, model: str, stream: Stream, day: date, *, stays: bool = False
    ) -> Iterator[sqlite3.Connection]:
        """Open a segment, made where there is none.

        Parameters
        ----------
        stays
            Whether it is left open for the next batch.

        Raises
        ------
        SourceUnavailable
            When it cannot be opened or written to.
        IntegrityBroken
            When it is damaged.
        """
        path = self.path(model, stream, day)
        try:
            with self._open.taken(path, day) if stays else segment.opened(path) as connection:
                yield connection
        except (OSError, sqlite3.OperationalError) as error:
            raise _full(path, error) from error
        except sqlite3.DatabaseError as error:
            words = f"The prediction log of {model} for {day} is damaged; restore it from a backup."
            raise IntegrityBroken(words, error=str(error), path=str(path)) from error


def parsed(prediction_id: str, received_at: str, body: str) -> dict[str, Any]:
    """Return a row as it was received."""
    return {**json.loads(body), "prediction_id": prediction_id, "received_at": received_at}


def _full(path: Path, error: Exception) -> SourceUnavailable:
    words = "The prediction log cannot be written; is its disk full? Send the batch again."
    return SourceUnavailable(words, error=str(error), path=str(path))
