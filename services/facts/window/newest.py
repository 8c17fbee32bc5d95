"""The newest window of many monitors, in two questions however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from services.facts.evidence.types import MeasurementStatus
from services.facts.window.records import WindowMetricRecord, WindowSeenRecord
from services.facts.window.types import Monitor, WindowMetric

N, S = WindowMetricRecord, WindowSeenRecord
_NUMBERS = tuple(WindowMetric.__dataclass_fields__)


@dataclass(frozen=True)
class Newest:
    """What is known of the newest window with rows of one monitor.

    Attributes
    ----------
    rows, labelled
        Of all windows of the monitor together.
    end
        Of the newest window; None where none was measured.
    numbers
        About that window, segments left out.
    """

    rows: int = 0
    labelled: int = 0
    end: datetime | None = None
    numbers: list[WindowMetric] = field(default_factory=list[WindowMetric])


def newest(session: Session, monitors: Sequence[Monitor]) -> Mapping[str, Newest]:
    """Return the newest window of each monitor, in its own rhythm, by monitor id."""
    own = {each.monitor_id: each.granularity for each in monitors}
    with_rows = sa.case((col(S.rows) > 0, col(S.start)))
    summed = sa.select(
        col(S.monitor_id), col(S.granularity), sa.func.sum(col(S.rows)).label("rows"),
        sa.func.sum(col(S.labelled)).label("labelled"), sa.func.max(with_rows).label("start"),
    ).where(col(S.monitor_id).in_(list(own))).group_by(col(S.monitor_id), col(S.granularity))  # fmt: skip
    known = {
        row.monitor_id: row
        for row in session.execute(summed)
        if row.granularity == own[row.monitor_id]
    }
    last = summed.subquery()
    columns: list[Any] = [
        col(getattr(N, name)) for name in ("monitor_id", "granularity", *_NUMBERS)
    ]
    chosen = sa.select(*columns).join(
        last,
        sa.and_(
            col(N.monitor_id) == last.c.monitor_id,
            col(N.granularity) == last.c.granularity,
            col(N.start) == last.c.start,
        ),
    )
    found: dict[str, list[WindowMetric]] = {each: [] for each in own}
    for row in session.execute(chosen.where(col(N.segment) == "").order_by(col(N.row_id))):
        if row.granularity == own[row.monitor_id]:
            found[row.monitor_id].append(_number(row))
    return {each: _newest(known.get(each), found[each]) for each in own}


def _newest(row: Any, numbers: list[WindowMetric]) -> Newest:
    if row is None:
        return Newest()
    end = max((each.end for each in numbers), default=None)
    return Newest(int(row.rows), int(row.labelled), end, numbers)


def _number(row: Any) -> WindowMetric:
    values: dict[str, Any] = {name: getattr(row, name) for name in _NUMBERS}
    values["status"] = MeasurementStatus(row.status)
    return WindowMetric(**values)
