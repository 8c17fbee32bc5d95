"""Answers about one monitor, asked when somebody wants to know; nothing is prepared for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from services.facts.drift import codec, rules
from services.facts.drift.types import Binning, Profile
from services.facts.drift.window import distances
from services.facts.window.rules import window_of
from services.facts.window.service import Windows
from services.facts.window.types import Monitor, Watched, WindowMetric
from services.kernel.error import NotFound
from services.record.task.types import Task
from services.record.trail.unit_of_work import Store

SEGMENTS = 10
LEAST = 30
MOST_ROWS = 200
MOST_BYTES = 200_000
MAIN = ("drift.ks", "drift.largest_change")
"""What is told of a number, and of a category."""


class Questions(Protocol):
    """What the prediction log answers."""

    def breakdown(
        self,
        model: str,
        column: str,
        segment_column: str,
        *,
        since: date,
        until: date,
        kind: str,
        most: int,
        version: int | None,
    ) -> pa.Table:
        """Return the values of a column by day and segment."""
        ...  # fmt: skip

    def rows(
        self, model: str, day: date, segment: str, limit: int, *, version: int | None
    ) -> pa.Table:
        """Return the first rows of a day in a segment."""
        ...


@dataclass(frozen=True)
class Drilling:
    """Answers one question for one task."""

    store: Store
    windows: Windows
    log: Questions

    def answer(self, task: Task) -> dict[str, object]:
        """Return the drift of one watched column by segment and window, or the rows of a window.

        Raises
        ------
        NotFound
            When the column is not watched.
        InvalidInput
            When no row has the segment's column.
        """
        asked = task.payload
        with self.store.reading() as session:
            monitor = self.windows.monitor(session, str(asked["monitor_id"]))
            if asked.get("rows"):
                return self._rows(monitor, asked)
            stored = self.windows.binning(session, monitor.monitor_id, str(asked["feature"]))
        column = next((c for c in monitor.columns if c.name == stored.feature), None)
        if column is None:
            raise NotFound(f"{stored.feature!r} is not watched.")
        binning = codec.unpack_binning(stored.binning)
        held = self.log.breakdown(
            monitor.ref.name, column.column, str(asked["segment_column"]),
            since=_day(asked["since"]), until=_last(asked["until"]), kind=column.kind,
            most=SEGMENTS, version=monitor.ref.version,
        )  # fmt: skip
        profiles = _profiles(held, monitor, column, binning)
        reference = codec.unpack_profile(stored.reference)
        segments: dict[str, list[dict[str, Any]]] = {}
        for (name, start), profile in sorted(profiles.items()):
            row = _told(monitor, column, binning, reference, profile, start)
            segments.setdefault(name, []).append(row)
        return {"segments": [{"segment": name, "rows": its} for name, its in segments.items()]}

    def _rows(self, monitor: Monitor, asked: Mapping[str, Any]) -> dict[str, object]:
        day, segment = _day(asked["since"]), str(asked.get("segment") or "")
        ref = monitor.ref
        held = self.log.rows(ref.name, day, segment, MOST_ROWS, version=ref.version)
        names = [name for name in held.column_names if name not in ("caller_hash", "subject_hash")]
        rows = [[_plain(each) for each in row.values()] for row in held.select(names).to_pylist()]
        return {"columns": names, "rows": _fitting(rows)}


def _profiles(
    held: pa.Table, monitor: Monitor, column: Watched, binning: Binning
) -> dict[tuple[str, datetime], Profile]:
    """Return a profile by segment and window; the days of a longer window add up."""
    found: dict[tuple[str, datetime], list[Profile]] = {}
    kind = pa.float64() if column.kind == "number" else pa.string()
    for row in held.to_pylist():
        values = pa.record_batch({column.name: pa.array(row["values"], kind)})
        profile = rules.profile_batch(values, {column.name: binning})[column.name]
        midnight = datetime.combine(row["day"], time(), UTC)
        start = window_of(midnight, monitor.granularity).start
        found.setdefault((row["segment"], start), []).append(profile)
    return {key: rules.merge(its) for key, its in found.items()}


def _told(
    monitor: Monitor, column: Watched, binning: Binning, reference: Profile, profile: Profile,
    start: datetime,
) -> dict[str, Any]:  # fmt: skip
    end = window_of(start, monitor.granularity).end
    found: Sequence[WindowMetric] = distances(
        binning, reference, profile, start=start, end=end, feature=column.name, min_n=LEAST
    )
    main = next(each for each in found if each.metric in MAIN)
    return {
        "start": start.isoformat(),
        "metric": main.metric,
        "n": profile.rows,
        "value": main.value,
        "lo": main.lo,
        "hi": main.hi,
        "floor": main.floor,
        "status": main.status.value,
    }


def _day(text: Any) -> date:
    return datetime.fromisoformat(str(text)).date()


def _last(text: Any) -> date:
    """Return the last day before an instant: a stretch is half open."""
    return (datetime.fromisoformat(str(text)) - timedelta(microseconds=1)).date()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def _fitting(rows: list[list[Any]]) -> list[list[Any]]:
    """Return as many rows as a task's result may hold."""
    room, kept = MOST_BYTES, list[list[Any]]()
    for row in rows:
        room -= len(str(row))
        if room < 0:
            break
        kept.append(row)
    return kept
