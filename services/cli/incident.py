"""``countersign incident list`` and ``show``: what went wrong, and which clock runs."""

from collections.abc import Iterator
from typing import Any

from services.cli.histories import Listing, minute

STATES = ("unfinished", "open", "investigating", "mitigated", "closed")


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    Listing(
        "incident", "what went wrong, and which clock runs", STATES,
        "unfinished: all that are not closed", "one incident, its timeline and its actions", line,
        _timeline,
    ).add(nouns)  # fmt: skip


def line(incident: dict[str, Any]) -> str:
    """Return an incident in one line: state, id, severity, about, title, clock."""
    clock = incident["report"]
    about = incident["model"] + (f" {incident['version']}" if incident["version"] else "")
    due = ""
    if clock is not None:
        told, late = clock["reported_at"], clock["overdue"]
        due = f"  reported {minute(told)}" if told else f"  report due {minute(clock['due_at'])}"
        due += " (late)" if late else ""
    return (
        f"{incident['state']:<13}  {incident['id']}  {incident['severity']:<8}  {about}  "
        f"{incident['title']}{due}"
    )


def _timeline(incident: dict[str, Any]) -> Iterator[str]:
    for each in incident["timeline"]:
        yield f"{minute(each['at'])}  {each['kind']}"
    for each in incident["actions"]:
        yield f"action {each['id']}: {'done' if each['done_at'] else 'to do'}"
