"""When which day of a stream is told; pure."""

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import date
from typing import Any

from services.kernel.error import InvalidInput
from services.workflows.feed.types import DAY, Feed, Plan, Span


def begin(model: str, plan: Plan, span: Span, today: date) -> Feed:
    """Return a feed of which nothing is told: its history ends yesterday.

    Raises
    ------
    InvalidInput
        When the history ends outside the days of the stream.
    """
    until = plan.history_until
    if until is not None and not span.first <= until <= span.last:
        raise InvalidInput(f"The history of {model}'s stream ends outside its days.")
    by = today - DAY - until if until is not None else DAY * 0
    return Feed(
        model=model,
        shift_days=by.days,
        first=span.first + by,
        last=span.last + by,
        last_outcome=span.last_outcome + by,
        note=plan.note.format(days=f"{by.days:,}"),
    )


def due(feed: Feed, today: date) -> tuple[date, date] | None:
    """Return the first and the last day to tell, inclusive; None when nothing is due.

    Notes
    -----
    A day is told when it is over. After the last prediction the days go on until the last outcome.
    """
    begin_at = feed.first if feed.told_until is None else feed.told_until + DAY
    end_at = min(today - DAY, feed.last_outcome)
    return (begin_at, end_at) if begin_at <= end_at else None


def waiting(feed: Feed, today: date, held: Collection[date]) -> list[date]:
    """Return those of the days a file holds that are due, oldest first.

    Parameters
    ----------
    held
        As shifted, in any order.
    """
    span = due(feed, today)
    return [] if span is None else sorted(day for day in held if span[0] <= day <= span[1])


def plan_text(plan: Plan) -> str:
    """Return a plan as the run logs it."""
    held = {"schema": "replay/1", **asdict(plan)}
    return json.dumps(held, indent=1, default=date.isoformat)


def parse(text: str) -> Plan:
    """Read a plan.

    Raises
    ------
    InvalidInput
        Naming the file, when it is not one of this release.
    """
    try:
        held: dict[str, Any] = json.loads(text)
        until = held["history_until"]
        schema = held["schema"]
        found = Plan(
            note=str(held["note"]),
            source=str(held["source"]),
            history_until=None if until is None else date.fromisoformat(until),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidInput("replay/replay.json cannot be read.") from error
    if schema != "replay/1":
        raise InvalidInput("replay/replay.json is of another release.")
    return found
