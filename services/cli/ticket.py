"""``countersign ticket open``, ``show``, ``list``, ``cancel``: trainings that were asked for."""

import argparse
import json
from typing import Any
from urllib.parse import quote

from services.cli import client, ticket_lines
from services.kernel.error import InvalidInput


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("ticket", help="trainings that were asked for")
    verbs = noun.add_subparsers(dest="verb", required=True)
    opening = verbs.add_parser("open", help="ask for a training; people approve it in the browser")
    opening.add_argument("model")
    opening.add_argument("--reason", required=True)
    opening.add_argument("--key", default="", help="the same key opens one ticket")
    opening.add_argument("--commit", default="", help="the change of code it is for, as its key")
    opening.add_argument("--recipe", default="")
    opening.add_argument("--engine", default="")
    opening.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", dest="given")
    opening.add_argument("--dry-run", action="store_true", help="quote it and start nothing")
    listed = verbs.add_parser("list", help="the tickets of a model, oldest first")
    listed.add_argument("model")
    listed.add_argument("--state", help="a state; unfinished: all that are not over")
    show = verbs.add_parser("show", help="one ticket, its attempts and what they said last")
    show.add_argument("model")
    show.add_argument("ticket_id")
    show.add_argument("--log", action="store_true", help="what its last attempt printed")
    stopping = verbs.add_parser("cancel", help="call a ticket off; one that runs is asked to stop")
    stopping.add_argument("model")
    stopping.add_argument("ticket_id")
    stopping.add_argument("--reason", required=True)
    for verb, run in (
        (opening, run_open), (listed, run_list), (show, run_show), (stopping, run_cancel),
    ):  # fmt: skip
        verb.add_argument("--json", action="store_true")
        verb.set_defaults(run=run)


def run_open(arguments: argparse.Namespace) -> int:
    """Open a ticket and print it."""
    wanted = {
        "reason": arguments.reason,
        "key": arguments.commit or arguments.key,
        "trigger": "code" if arguments.commit else "manual",
        "recipe": arguments.recipe,
        "engine": arguments.engine,
        "parameters": dict(_pair(each) for each in arguments.given),
        "dry_run": arguments.dry_run,
    }
    return _said(_sent(_path(arguments.model), wanted), as_json=arguments.json)


def run_cancel(arguments: argparse.Namespace) -> int:
    """Call a ticket off and print it."""
    path = f"{_path(arguments.model, arguments.ticket_id)}/cancel"
    return _said(_sent(path, {"reason": arguments.reason}), as_json=arguments.json)


def run_list(arguments: argparse.Namespace) -> int:
    """Print the tickets of a model, every page of them, and what opened none."""
    found: list[dict[str, Any]] = []
    asked = {"state": arguments.state, "limit": 200}
    answer = client.get(_path(arguments.model), **asked)
    found += answer["tickets"]
    while answer["next"] is not None:
        answer = client.get(_path(arguments.model), **asked, cursor=answer["next"])
        found += answer["tickets"]
    held = answer["held_back"]
    if arguments.json:
        print(json.dumps({"tickets": found, "held_back": held}, indent=1))
        return 0
    for ticket in found:
        print(line(ticket))
    for each in held:
        print(f"held back {each['times']} times  {each['trigger']}  {each['reason']}")
    if not found:
        print("No tickets.")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print one ticket, or what its last attempt printed."""
    path = _path(arguments.model, arguments.ticket_id)
    if arguments.log:
        return _print_log(path)
    ticket = client.get(path)
    if not arguments.json:
        print(line(ticket))
        lines = ticket_lines.grounds(ticket) + list(map(ticket_lines.attempt, ticket["attempts"]))
        print("\n".join(f"  {each}" for each in lines))
        return 0
    print(json.dumps(ticket, indent=1))
    return 0


def line(ticket: dict[str, Any]) -> str:
    """Return a ticket in one line: state, id, model, trigger, price, result, why."""
    quote_, version = ticket["quote"], ticket["result_version"]
    price = ""
    if quote_ is not None:
        worst = quote_["worst"]
        price = f"  at most {worst['amount']} {worst['currency']}" if worst else "  price unknown"
    result = f"  version {version}" if version else ""
    why = f"  {ticket['state_reason']}" if ticket["state_reason"] else ""
    return (
        f"{ticket['state']:<17}  {ticket['id']}  {ticket['model']}  "
        f"{ticket['cause']['trigger']}{price}{result}{why}"
    )


def _print_log(path: str) -> int:
    offset = 0
    while True:
        part = client.get(f"{path}/log", offset=offset)
        print(part["text"], end="")
        if part["next"] == offset:
            return 0
        offset = part["next"]


def _said(ticket: dict[str, Any], *, as_json: bool) -> int:
    print(json.dumps(ticket, indent=1) if as_json else line(ticket))
    if not as_json:
        print("".join(f"  {each}\n" for each in ticket_lines.beside(ticket)), end="")
    return 0


def _sent(path: str, wanted: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = client.post(path, json.dumps(wanted).encode(), "application/json")
    return found


def _path(model: str, ticket_id: str = "") -> str:
    of = f"/{quote(ticket_id, safe='')}" if ticket_id else ""
    return f"/models/{quote(model, safe='')}/tickets{of}"


def _pair(text: str) -> tuple[str, str]:
    name, is_there, value = text.partition("=")
    if not is_there or not name:
        raise InvalidInput(f"{text!r} sets nothing; write --set NAME=VALUE.")
    return name, value
