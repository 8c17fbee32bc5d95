"""``countersign alert list``: what crossed a limit in production."""

import argparse
import json
from typing import Any
from urllib.parse import quote

from services.cli import client

MARKS = {"raised": "!", "acknowledged": "·", "snoozed": "z", "resolved": "✓"}
STATES = ("open", *MARKS)


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("alert", help="what crossed a limit in production")
    verbs = noun.add_subparsers(dest="verb", required=True)
    listed = verbs.add_parser("list", help="alerts, oldest first")
    listed.add_argument("--model")
    listed.add_argument("--state", choices=STATES, help="open: all that are not resolved")
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(run=run_list)
    show = verbs.add_parser("show", help="one alert, and how it stood from its beginning on")
    show.add_argument("alert_id")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=run_show)


def run_list(arguments: argparse.Namespace) -> int:
    """Print alerts, every page of them."""
    asked = {"model": arguments.model, "state": arguments.state, "limit": 200}
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        answer = client.get("/alerts", **asked, cursor=cursor)
        found += answer["alerts"]
        cursor = answer["next"]
        if cursor is None:
            break
    if arguments.json:
        print(json.dumps({"alerts": found}, indent=1))
        return 0
    for alert in found:
        print(line(alert))
    if not found:
        print("No alerts.")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print one alert."""
    alert = client.get(f"/alerts/{quote(arguments.alert_id, safe='')}")
    if arguments.json:
        print(json.dumps(alert, indent=1))
        return 0
    print(line(alert))
    for step in alert["history"]:
        print(f"  {step['at'][:16].replace('T', ' ')}  {step['state']}")
    return 0


def line(alert: dict[str, Any]) -> str:
    """Return an alert in one line: state, model, what, value, limit, since when."""
    what = " ".join(each for each in (alert["metric"], alert["feature"], alert["segment"]) if each)
    value = "no number" if alert["value"] is None else f"{alert['value']:.3f}"
    since = str(alert["raised_at"])[:16].replace("T", " ")
    return (
        f"{MARKS[alert['state']]} {alert['id']}  {alert['severity']:<8}  {alert['model']} "
        f"{alert['version']}  {what}  {value}  {alert['limit']}  {alert['state']} since {since}"
    )
