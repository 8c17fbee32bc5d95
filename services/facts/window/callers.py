"""How much each caller asked, window by window: what a caller is compared with is its own past."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.window.records import CallerTallyRecord
from services.facts.window.types import Monitor

MOST_CALLERS = 1_000
R = CallerTallyRecord


def file(
    session: Session, monitor: Monitor, start: datetime, queries: Mapping[str, int], since: datetime
) -> None:
    """Store the queries of a window by caller, in place of what was; forget what began before an instant.

    Notes
    -----
    Of more than a thousand callers those that asked most are kept: none of the others can be a burst.
    """
    own = (col(R.monitor_id) == monitor.monitor_id) & (col(R.granularity) == monitor.granularity)
    session.execute(sa.delete(R).where(own, (col(R.start) == start) | (col(R.start) < since)))
    most = sorted(queries.items(), key=lambda one: (-one[1], one[0]))[:MOST_CALLERS]
    here = {
        "monitor_id": monitor.monitor_id,
        "granularity": monitor.granularity.value,
        "start": start,
    }
    if most:
        rows = [{**here, "caller_hash": caller, "queries": n} for caller, n in most]
        session.execute(sa.insert(R), rows)


def past(
    session: Session, monitor: Monitor, since: datetime, until: datetime
) -> dict[str, list[int]]:
    """Return the queries of each caller in earlier windows, oldest first; windows without any are none."""
    chosen = select(R).where(
        col(R.monitor_id) == monitor.monitor_id, col(R.granularity) == monitor.granularity,
        col(R.start) >= since, col(R.start) < until,
    )  # fmt: skip
    found: dict[str, list[int]] = defaultdict(list)
    for row in session.exec(chosen.order_by(col(R.start))):
        found[row.caller_hash].append(row.queries)
    return dict(found)
