"""``countersign alert list`` and ``show``: what crossed a limit in production."""

from collections.abc import Iterator
from typing import Any

from services.cli.histories import Listing, minute

MARKS = {"raised": "!", "acknowledged": "·", "snoozed": "z", "resolved": "✓"}
STATES = ("open", *MARKS)


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    Listing(
        "alert", "what crossed a limit in production", STATES, "open: all that are not resolved",
        "one alert, and how it stood from its beginning on", line, _history,
    ).add(nouns)  # fmt: skip


def line(alert: dict[str, Any]) -> str:
    """Return an alert in one line: state, model, what, value, limit, since when."""
    what = " ".join(each for each in (alert["metric"], alert["feature"], alert["segment"]) if each)
    value = "no number" if alert["value"] is None else f"{alert['value']:.3f}"
    since = minute(str(alert["raised_at"]))
    return (
        f"{MARKS[alert['state']]} {alert['id']}  {alert['severity']:<8}  {alert['model']} "
        f"{alert['version']}  {what}  {value}  {alert['limit']}  {alert['state']} since {since}"
    )


def _history(alert: dict[str, Any]) -> Iterator[str]:
    for step in alert["history"]:
        yield f"{minute(step['at'])}  {step['state']}"
