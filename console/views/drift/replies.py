"""What the worker answered: segments by windows, and rows of the log."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from console.figures.heat import Cell, Heat
from console.format import interval, number, window
from console.views.drift.history import History
from services.record.task.types import Task

_DARKEST = 0.3
_FIRST = ("prediction_id", "at", "status", "score", "prediction", "outcome")


def drilled(history: History, task: Task) -> tuple[str, Heat]:
    """Return what was split by what, and its segments by windows."""
    asked, result = task.payload, task.result or {}
    parts: Sequence[Mapping[str, Any]] = result.get("segments", [])
    rhythm = history.scope.granularity
    starts = sorted({str(row["start"]) for part in parts for row in part["rows"]})
    names = {at: window(datetime.fromisoformat(at), rhythm) for at in starts}
    values = [row["value"] for part in parts for row in part["rows"] if row.get("value")]
    top = max(values, default=_DARKEST)
    cells: list[tuple[Cell, ...]] = []
    for part in parts:
        by = {str(row["start"]): row for row in part["rows"]}
        cells.append(
            tuple(_cell(str(part["segment"]), names[at], by.get(at), top) for at in starts)
        )
    column = str(asked.get("segment_column", ""))
    title = f"{asked.get('feature', '')} by {column.removeprefix('f_').removeprefix('s_')}"
    scale = ((0.0, "0"), (0.5, f"{top / 2:.2g}"), (1.0, f"{top:.2g}"))
    short = tuple(n.rpartition(" ")[0] if rhythm == "day" else n for n in names.values())
    rows = tuple(str(part["segment"]) for part in parts)
    return title, Heat(rows, short, tuple(starts), tuple(cells), scale)


def _cell(segment: str, name: str, row: Mapping[str, Any] | None, top: float) -> Cell:
    if row is None:
        return Cell(None, 0.0, f"{segment}, {name}: no rows", beyond=False)
    value = row.get("value")
    if value is None:
        return Cell(None, 0.0, f"{segment}, {name}: too few (n = {row['n']:,})", beyond=False)
    words = f"{segment}, {name}: {interval(value, row['lo'], row['hi'])}, n = {row['n']:,}"
    floor = row.get("floor")
    words += f", chance alone {number(floor)}" if floor is not None else ""
    return Cell(value, value / top, words, beyond=False)


def raw_rows(result: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]:
    """Return what was told of each row, the answer first, without columns of which nothing was."""
    columns: Sequence[str] = result["columns"]
    if not result["rows"]:
        return tuple(columns), ()
    told: Mapping[str, Sequence[Any]] = dict(
        zip(columns, zip(*result["rows"], strict=True), strict=True)
    )
    known = [name for name in columns if any(value is not None for value in told[name])]
    order = [name for name in _FIRST if name in known]
    order += [name for name in known if name[:2] in ("f_", "s_")]
    order += [name for name in known if name not in order]
    return tuple(order), tuple(zip(*(told[name] for name in order), strict=True))
