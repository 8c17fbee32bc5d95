"""Rows of the prediction log as a reader gives them, for instruments."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from services.facts.window.types import WindowMetric

START = datetime(2026, 3, 1, tzinfo=UTC)
END = START + timedelta(days=1)
INSTANT = pa.timestamp("us", tz="UTC")


def spread(n: int, start: datetime = START, end: datetime = END) -> list[datetime]:
    """Instants spread evenly over a window."""
    return [start + (end - start) * k / n for k in range(n)]


def instants(values: list[datetime | None]) -> pa.Array:
    return pa.array(values, type=INSTANT)


def rows(n: int, **columns: Any) -> pa.Table:
    """A day's rows, all answered; other columns as given."""
    at = instants(list(spread(n)))
    held = {"at": at, "received_at": at, "status": ["ok"] * n, **columns}
    return pa.table({name: _column(each) for name, each in held.items()})


def labelled(
    n: int, outcome: Any, lag: timedelta = timedelta(hours=48), **columns: Any
) -> pa.Table:
    """Rows whose outcomes arrived some time later, where they are not None."""
    known = [each is not None for each in outcome]
    then = instants([a + lag if k else None for a, k in zip(spread(n), known, strict=True)])
    told = {"outcome": outcome, "outcome_at": then, "outcome_received_at": then}
    return rows(n, **told, **columns)


def by_name(found: list[WindowMetric], feature: str = "") -> dict[str, WindowMetric]:
    return {each.metric: each for each in found if each.feature == feature}


def _column(values: Any) -> Any:
    return pa.array(values) if isinstance(values, list | np.ndarray) else values
