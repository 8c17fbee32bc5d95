"""``countersign cost savings``: what could cost less, and what became of it."""

import argparse
import json
from typing import Any
from urllib.parse import quote

from services.cli import client

STATES = ("open", "dismissed", "done")
PATH = "/cost/savings"


def add(verbs: Any) -> None:
    """Add the commands of this noun to those of ``cost``."""
    noun = verbs.add_parser("savings", help="what could cost less, and what became of it")
    acts = noun.add_subparsers(dest="act", required=True)
    listed = acts.add_parser("list", help="the recommendations, oldest first")
    listed.add_argument("--model", default="")
    listed.add_argument("--state", choices=STATES)
    show = acts.add_parser("show", help="one, what it rests on, and what people decided")
    show.add_argument("saving_id")
    no = acts.add_parser("dismiss", help="say that it will not be done; needs a token for a person")
    no.add_argument("saving_id")
    no.add_argument("--reason", required=True, help="whoever comes later reads it")
    yes = acts.add_parser("done", help="say that it was done; needs a token for a person")
    yes.add_argument("saving_id")
    yes.add_argument("--note", default="", help="what was done")
    for act, run in ((listed, run_list), (show, run_show), (no, run_dismiss), (yes, run_done)):
        act.add_argument("--json", action="store_true")
        act.set_defaults(run=run)


def run_list(arguments: argparse.Namespace) -> int:
    """Print the recommendations, every page of them."""
    asked = {"model": arguments.model or None, "state": arguments.state, "limit": 200}
    found = list(client.every(PATH, "savings", **asked))
    if arguments.json:
        print(json.dumps({"savings": found}, indent=1))
        return 0
    for each in found:
        print(line(each))
    if not found:
        print("Nothing is recommended.")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print one recommendation."""
    found = client.get(_path(arguments.saving_id))
    if arguments.json:
        print(json.dumps(found, indent=1))
        return 0
    print(line(found))
    print(f"  {found['confidence']} confidence: {found['because']}")
    for each in found["evidence"]:
        where = f"  ({each['where']})" if each["where"] else ""
        print(f"  {each['name']}: {each['value']}{where}")
    for each in found["history"]:
        print(f"  {each['at'][:10]} {each['state']}{_said(each['reason'])}")
    return 0


def run_dismiss(arguments: argparse.Namespace) -> int:
    """Dismiss one and print it."""
    return _decide(arguments, "dismiss", {"reason": arguments.reason})


def run_done(arguments: argparse.Namespace) -> int:
    """Mark one as done and print it."""
    return _decide(arguments, "done", {"note": arguments.note})


def line(saving: dict[str, Any]) -> str:
    """Return a recommendation in one line: state, id, kind, whose, what it saves, what came of it."""
    worth, saved = saving["a_month"], saving["saved"]
    money = "unpriced"
    if worth is not None:
        money = f"{worth['amount']} {worth['currency']} a month ({worth['lo']} to {worth['hi']})"
    whose = saving["model"] or f"experiment {saving['experiment_id']}"
    came = f"  saved {saved['amount']} {saved['currency']} in {saved['days']} days" if saved else ""
    about = f" {saving['about']}" if saving["about"] else ""
    return f"{saving['state']:<9}  {saving['id']}  {saving['kind']}{about}  {whose}  {money}{came}"


def _said(reason: str) -> str:
    return f": {reason}" if reason else ""


def _decide(arguments: argparse.Namespace, act: str, wanted: dict[str, str]) -> int:
    path = f"{_path(arguments.saving_id)}/{act}"
    found = client.post(path, json.dumps(wanted).encode(), "application/json")
    print(json.dumps(found, indent=1) if arguments.json else line(found))
    return 0


def _path(saving_id: str) -> str:
    return f"{PATH}/{quote(saving_id, safe='')}"
