"""``countersign hook``: the git repositories that may tell of pushes."""

import argparse
import json
from typing import Any

from services.cli import workspace
from services.kernel.identity import SYSTEM

STYLES = ("github", "gitlab")


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("hook", help="webhooks of git repositories, in the workspace itself")
    verbs = noun.add_subparsers(dest="verb", required=True)
    made = verbs.add_parser(
        "set", help="print address and secret; set again, the secret is another"
    )
    made.add_argument("name", help="small letters, digits and hyphens; part of the address")
    made.add_argument("--repository", required=True, help="its address, as git clones it")
    made.add_argument("--style", choices=STYLES, default="github")
    made.add_argument("--json", action="store_true")
    made.set_defaults(run=run_set)
    listed = verbs.add_parser("list", help="the webhooks there are; no secret is ever shown again")
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(run=run_list)
    gone = verbs.add_parser("remove", help="refuse from now on what a webhook sends")
    gone.add_argument("name")
    gone.set_defaults(run=run_remove)


def run_set(arguments: argparse.Namespace) -> int:
    """Set a webhook and print what the repository needs."""
    from services.standards.hook.rules import style_of

    services = workspace.opened()
    style = style_of(arguments.style)
    secret = services.pushes.hooks.set_as(SYSTEM, arguments.name, style, arguments.repository)
    address = f"{services.settings.console_url}/api/v1/hooks/{arguments.name}"
    if arguments.json:
        print(json.dumps({"name": arguments.name, "url": address, "secret": secret}, indent=1))
        return 0
    print(f"Payload URL   {address}")
    print(f"Secret        {secret}   (shown this once)")
    print(f"In {style.words}: content type application/json, push events alone.")
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Print webhooks."""
    services = workspace.opened()
    with services.store.reading() as session:
        found = services.pushes.hooks.all(session)
    if arguments.json:
        told = [
            {
                "name": each.name,
                "style": each.style.value,
                "repository": each.repository,
                "since": each.since.isoformat(),
                "heard_at": each.heard_at.isoformat() if each.heard_at else None,
            }
            for each in found
        ]
        print(json.dumps({"hooks": told}, indent=1))
        return 0
    for each in found:
        heard = f"{each.heard_at:%Y-%m-%d %H:%M}" if each.heard_at else "never"
        print(f"{each.name}  {each.style.words}  {each.repository}  last heard {heard}")
    return 0


def run_remove(arguments: argparse.Namespace) -> int:
    """Remove a webhook."""
    workspace.opened().pushes.hooks.remove_as(SYSTEM, arguments.name)
    print(f"{arguments.name} is removed.")
    return 0
