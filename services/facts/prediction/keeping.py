"""What a batch does to a segment: each row is new, known already, or says otherwise than the first."""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.facts.prediction import segment
from services.facts.prediction.types import Kept, Reception, Row, Stream

_encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_FREE = ("f_", "s_", "a_", "prediction", "outcome")
_KINDS = {bool: "bool", int: "number", float: "number", str: "text", list: "list"}


@dataclass(frozen=True, slots=True)
class Marked:
    """A row as it is stored; ``mark`` is the same for the same content."""

    row: Row
    mark: bytes
    body: str


def marked(rows: Sequence[Row]) -> list[Marked]:
    """Return rows as they are stored; worked out before a segment is taken, which others wait for."""
    bodies = [_encoded(dict(row.body)) for row in rows]
    marks = [hashlib.sha256(body.encode()).digest()[:16] for body in bodies]
    return [Marked(*each) for each in zip(rows, marks, bodies, strict=True)]


def keep(
    connection: sqlite3.Connection, stream: Stream, rows: Sequence[Marked], reception: Reception
) -> Kept:
    """Store rows in one transaction, and count what is found about them."""
    received_at = reception.received_at.isoformat()
    with segment.whole(connection):
        late = reception.over and segment.tally(connection)["written"] > 0
        new, aside, kept = _apart(connection, stream, rows)
        connection.executemany(
            "INSERT INTO row (prediction_id, mark, at, received_at, body) VALUES (?, ?, ?, ?, ?)",
            [(m.row.prediction_id, m.mark, m.row.at.isoformat(), received_at, m.body) for m in new],
        )
        connection.executemany(
            "INSERT INTO contradiction VALUES (?, ?, ?, ?)",
            [(m.row.prediction_id, m.mark, received_at, m.body) for m in aside],
        )
        _count(connection, [each.row.body for each in new], reception, kept, late=late)
    return kept


def _apart(
    connection: sqlite3.Connection, stream: Stream, rows: Sequence[Marked]
) -> tuple[list[Marked], list[Marked], Kept]:
    """Return the rows that are new, those that contradict a known one for the first time, and how many."""
    first: dict[str, bytes] = {}
    known: set[tuple[str, bytes]] = set()
    ids = json.dumps([each.row.prediction_id for each in rows])
    for table in ("row", "contradiction"):
        asked = f"""SELECT prediction_id, mark FROM {table}
                    WHERE prediction_id IN (SELECT value FROM json_each(?))"""
        for prediction_id, mark in connection.execute(asked, (ids,)):
            first.setdefault(prediction_id, mark)
            known.add((prediction_id, mark))
    new, aside = list[Marked](), list[Marked]()
    for each in rows:
        key = (each.row.prediction_id, each.mark)
        if key in known:
            continue
        known.add(key)
        is_new = stream is not Stream.PREDICTIONS or key[0] not in first
        first.setdefault(*key)
        (new if is_new else aside).append(each)
    return new, aside, Kept(len(new), len(rows) - len(new), len(aside))


def _count(
    connection: sqlite3.Connection,
    bodies: Sequence[Mapping[str, Any]],
    reception: Reception,
    kept: Kept,
    *,
    late: bool,
) -> None:
    callers = Counter(who for body in bodies if (who := body.get("caller_hash")))
    found = {
        "rows": kept.accepted,
        "contradicting": kept.contradicting,
        "late": kept.accepted if late else 0,
        "unknown_version": sum(not reception.knows(body.get("version")) for body in bodies),
        "caller_over_limit": _over(connection, callers, reception.caller_limit),
    }
    segment.count(connection, {name: n for name, n in found.items() if n})
    connection.executemany("INSERT OR IGNORE INTO kind VALUES (?, ?)", sorted(_kinds(bodies)))


def _kinds(bodies: Sequence[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """Return which columns hold values, and of which kinds; most rows of a batch are alike."""
    alike = {(tuple(body), tuple(map(type, body.values()))) for body in bodies}
    return {
        (name, _KINDS[kind])
        for names, its in alike
        for name, kind in zip(names, its, strict=True)
        if kind in _KINDS and name.startswith(_FREE)
    }


def _over(connection: sqlite3.Connection, callers: Mapping[str, int], limit: int | None) -> int:
    """Count the rows of callers, and return how many of them are beyond what one may send a day."""
    over = 0
    for who, more in sorted(callers.items()):
        (total,) = connection.execute(
            """INSERT INTO caller VALUES (?, ?) ON CONFLICT (who) DO UPDATE SET n = n + excluded.n
               RETURNING n""",
            (who, more),
        ).fetchone()
        over += 0 if limit is None else min(more, max(0, total - limit))
    return over
