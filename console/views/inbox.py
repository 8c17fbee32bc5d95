"""What waits for a person: reviews to sign, alerts to look at, duties of what they own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from console.format import plural
from console.views.alerts import AlertRow
from console.views.asked import AskedRow
from console.views.inventory import ModelRow
from console.views.reviews import ReviewRow

_SOON, _NAMED = 3, 3


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One task of mine."""

    icon: str
    task: str
    model: str
    since: str
    due: str
    urgent: bool
    action: str
    page: str
    query: tuple[tuple[str, str], ...]


def inbox_of(
    mine: Sequence[ReviewRow],
    asked: Sequence[AskedRow],
    raised: Sequence[AlertRow],
    rows: Sequence[ModelRow],
    me: str,
) -> tuple[InboxRow, ...]:
    """Return the tasks of a person: signatures first, then reviews asked for, alerts, duties.

    Parameters
    ----------
    asked
        The versions that a rule asks this person to review.
    raised
        The alerts that this person may handle and nobody looks at.
    me
        The name under which this person owns models.
    """
    signing = (_to_sign(row) for row in mine)
    return (*signing, *map(_to_review, asked), *_to_look_at(raised), *_to_do(rows, me))


def _to_review(row: AskedRow) -> InboxRow:
    worst, more = row.alerts[0], len(row.alerts) - 1
    beside = f" and {plural(more, 'other alert')}" if more else ""
    task = f"Review the champion: {worst.what} at {worst.value}, limit {worst.limit}{beside}"
    return InboxRow(
        "stale", task, row.label, row.since, "a rule asks for it", row.urgent, "Open model", "model",
        (("name", row.model),),
    )  # fmt: skip


def _to_look_at(raised: Sequence[AlertRow]) -> Iterator[InboxRow]:
    """Yield one line for each limit of each model that was crossed, by however many features."""
    crossed: dict[tuple[str, str, str, str], list[AlertRow]] = {}
    for row in raised:
        key = (row.model or row.label, row.metric, row.limit, row.severity)
        crossed.setdefault(key, []).append(row)
    for its in crossed.values():
        yield _one(its[0]) if len(its) == 1 else _together(its)


def _together(rows: Sequence[AlertRow]) -> InboxRow:
    first, named = rows[0], [row.feature or row.what for row in rows]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    what = f"{first.metric} beyond {first.limit}: {', '.join(named[:_NAMED])}{more}"
    asks = "asks for a review" if any(row.asks for row in rows) else ""
    return InboxRow(
        first.status, what, first.model, first.raised, asks, first.severity == "critical",
        "Look at them", "alerts", (("name", first.model),),
    )  # fmt: skip


def _one(row: AlertRow) -> InboxRow:
    asks = "asks for a review" if row.asks else ""
    whose = "" if row.model else f"{row.label}, "
    return InboxRow(
        row.status, f"{whose}{row.what}: {row.value}, limit {row.limit}", row.model, row.raised, asks,
        row.severity == "critical", "Look at it", "alerts", (("id", row.alert_id),),
    )  # fmt: skip


def _to_sign(row: ReviewRow) -> InboxRow:
    query = (("id", row.review_id),)
    due = f"due {row.due}" if row.due else ""
    return InboxRow(
        "draw", row.what, row.model, row.requested, due, row.urgent, "Review and sign", "review",
        query,
    )  # fmt: skip


def _to_do(rows: Sequence[ModelRow], me: str) -> tuple[InboxRow, ...]:
    found: list[InboxRow] = []
    for row in rows:
        if row.owner != me:
            continue
        query = (("name", row.name),)
        if "unapproved" in row.flags:
            found.append(_to_explain(row, query))
        elif "stale" in row.flags and row.days_left is not None:
            due = "overdue" if row.days_left < 0 else f"due in {plural(row.days_left, 'day')}"
            urgent = row.days_left <= _SOON
            found.append(
                InboxRow(
                    "stale", row.next_duty, row.name, "", due, urgent, "Open model", "model", query
                )
            )
    return tuple(found)


def _to_explain(row: ModelRow, query: tuple[tuple[str, str], ...]) -> InboxRow:
    task = "Explain why what runs was not approved"
    return InboxRow(
        "fail", task, row.name, "", "due today", urgent=True, action="Open model", page="model",
        query=query,
    )  # fmt: skip
