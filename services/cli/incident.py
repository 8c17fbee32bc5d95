"""``countersign incident list`` and ``show``: what went wrong, and which clock runs."""

import argparse
import json
from typing import Any
from urllib.parse import quote

from services.cli import client

STATES = ("unfinished", "open", "investigating", "mitigated", "closed")


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("incident", help="what went wrong, and which clock runs")
    verbs = noun.add_subparsers(dest="verb", required=True)
    listed = verbs.add_parser("list", help="incidents, oldest first")
    listed.add_argument("--model")
    listed.add_argument("--state", choices=STATES, help="unfinished: all that are not closed")
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(run=run_list)
    show = verbs.add_parser("show", help="one incident, its timeline and its actions")
    show.add_argument("incident_id")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=run_show)


def run_list(arguments: argparse.Namespace) -> int:
    """Print incidents, every page of them."""
    asked = {"model": arguments.model, "state": arguments.state, "limit": 200}
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        answer = client.get("/incidents", **asked, cursor=cursor)
        found += answer["incidents"]
        cursor = answer["next"]
        if cursor is None:
            break
    if arguments.json:
        print(json.dumps({"incidents": found}, indent=1))
        return 0
    for incident in found:
        print(line(incident))
    if not found:
        print("No incidents.")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print one incident."""
    incident = client.get(f"/incidents/{quote(arguments.incident_id, safe='')}")
    if arguments.json:
        print(json.dumps(incident, indent=1))
        return 0
    print(line(incident))
    for each in incident["timeline"]:
        print(f"  {_minute(each['at'])}  {each['kind']}")
    for each in incident["actions"]:
        print(f"  action {each['id']}: {'done' if each['done_at'] else 'to do'}")
    return 0


def line(incident: dict[str, Any]) -> str:
    """Return an incident in one line: state, id, severity, about, title, clock."""
    clock = incident["report"]
    about = incident["model"] + (f" {incident['version']}" if incident["version"] else "")
    due = ""
    if clock is not None:
        told, late = clock["reported_at"], clock["overdue"]
        due = f"  reported {_minute(told)}" if told else f"  report due {_minute(clock['due_at'])}"
        due += " (late)" if late else ""
    return (
        f"{incident['state']:<13}  {incident['id']}  {incident['severity']:<8}  {about}  "
        f"{incident['title']}{due}"
    )


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")
