"""Which prediction an outcome is about: outcomes are put to the day of their prediction, once."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from services.facts.prediction import segment
from services.facts.prediction.journal import Journal
from services.facts.prediction.types import Stream

_FOUND = "SELECT todo.seq FROM todo JOIN p.row USING (prediction_id)"
_LABELLED = """UPDATE p.row SET matched = '' WHERE matched IS NULL
               AND prediction_id IN (SELECT prediction_id FROM todo)"""
_STEPS = (
    f"UPDATE main.row SET matched = :day WHERE seq IN ({_FOUND})",
    f"DELETE FROM main.orphan WHERE seq IN ({_FOUND})",
    "INSERT OR IGNORE INTO p.came VALUES (:stream, :arrived)",
    f"DELETE FROM todo WHERE seq IN ({_FOUND})",
)


@dataclass(frozen=True)
class _Done:
    """In which states outcomes and predictions were matched, and where some have none."""

    arrived: Mapping[date, int]
    answered: Mapping[date, int]
    orphaned: frozenset[date]


_NOTHING = _Done({}, {}, frozenset())


class Matching:
    """Puts outcomes to the days of their predictions; where nothing changed, nothing is looked at.

    Outcomes may arrive on any day, also before their prediction. One without a prediction is an
    orphan, and is looked for again whenever predictions come in. So are protected attributes.

    Notes
    -----
    Each outcome is looked up by key in one day of predictions after the other, until found. What
    is counted is counted in the transaction that finds it: a crash between two days repeats the
    search, and so does another process, and neither changes what was found.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._done: dict[tuple[str, Stream], _Done] = {}

    def match(self, model: str, stream: Stream = Stream.OUTCOMES) -> None:
        """Match what came in; done twice it is done once."""
        done = self._done.get((model, stream), _NOTHING)
        arrived = self._journal.states(model, stream)
        answered = self._journal.states(model, Stream.PREDICTIONS)
        if arrived is done.arrived and answered is done.answered:
            return
        again = done.orphaned if answered is not done.answered else frozenset[date]()
        waiting = set(done.orphaned)
        wanted = {d: s for d, s in arrived.items() if d in again or done.arrived.get(d) != s}
        for day, held in list(self._journal.looked(model, stream, wanted)):
            waiting.discard(day)
            if self._match(model, stream, day, held):
                waiting.add(day)
        self._done[model, stream] = _Done(arrived, answered, frozenset(waiting & arrived.keys()))

    def _match(self, model: str, stream: Stream, arrived: date, held: Counter[str]) -> bool:
        """Match one day of outcomes; return whether some have no prediction yet."""
        fresh = held["rows"] > held["searched"]
        if not fresh and not held["orphans"]:
            return False
        days = self._journal.days(model, Stream.PREDICTIONS)
        with self._journal.segment(model, stream, arrived) as connection:
            _open(connection, held["rows"])
            for day in likely(days, arrived):
                if not connection.execute("SELECT 1 FROM todo LIMIT 1").fetchone():
                    break
                rows = self._journal.tally(model, Stream.PREDICTIONS, day)["rows"]
                if fresh or rows != _searched(connection, day):
                    place = self._journal.path(model, Stream.PREDICTIONS, day)
                    _search(connection, place, stream, day, arrived)
                    _note(connection, day, rows)
            return _close(connection, held["rows"])


def likely(days: Sequence[date], arrived: date) -> list[date]:
    """Return days of predictions by how likely an outcome is about them: back from its arrival.

    Parameters
    ----------
    days
        Oldest first. Those after the arrival come last, nearest first.
    """
    before = [day for day in days if day <= arrived]
    return [*reversed(before), *days[len(before) :]]


def _open(connection: sqlite3.Connection, newest: int) -> None:
    connection.execute(
        """CREATE TEMP TABLE todo AS SELECT seq, prediction_id FROM row WHERE seq <= ? AND seq >
           (SELECT coalesce(max(n), 0) FROM tally WHERE name = 'searched')
           UNION SELECT seq, prediction_id FROM orphan JOIN row USING (seq)""",
        (newest,),
    )
    connection.execute("CREATE UNIQUE INDEX temp.todo_seq ON todo (seq)")


def _searched(connection: sqlite3.Connection, day: date) -> int | None:
    asked = "SELECT n FROM searched WHERE day = ?"
    found = connection.execute(asked, (day.isoformat(),)).fetchone()
    return int(found[0]) if found else None


def _note(connection: sqlite3.Connection, day: date, rows: int) -> None:
    values = (day.isoformat(), rows)
    connection.execute("INSERT OR REPLACE INTO searched VALUES (?, ?)", values)


def _search(
    connection: sqlite3.Connection, path: Path, stream: Stream, day: date, arrived: date
) -> None:
    connection.execute("ATTACH ? AS p", (str(path),))
    try:
        with segment.whole(connection):
            (found,) = connection.execute(f"SELECT count(*) FROM ({_FOUND})").fetchone()
            if not found:
                return
            if stream is Stream.OUTCOMES:
                labelled = connection.execute(_LABELLED).rowcount
                segment.count(connection, {"labelled": labelled}, "p")
            segment.count(connection, {stream.value: found}, "p")
            values = {"day": str(day), "arrived": str(arrived), "stream": stream.value}
            for step in _STEPS:
                connection.execute(step, values)
    finally:
        connection.execute("DETACH p")


def _close(connection: sqlite3.Connection, newest: int) -> bool:
    with segment.whole(connection):
        connection.execute("INSERT OR IGNORE INTO orphan SELECT seq FROM todo")
        (orphans,) = connection.execute("SELECT count(*) FROM orphan").fetchone()
        segment.mark(connection, "searched", newest)
        if orphans != segment.tally(connection)["orphans"]:
            segment.mark(connection, "orphans", orphans)
    connection.execute("DROP TABLE todo")
    return bool(orphans)
