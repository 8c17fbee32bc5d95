"""``countersign model list``, ``review list``, ``channel list``, ``task show``: what there is."""

import argparse
import json
from typing import Any

from services.cli import client


def add(nouns: Any) -> None:
    """Add the commands of these nouns."""
    for name, path, help_words in (
        ("model", "/models", "models and who answers for them"),
        ("review", "/reviews", "reviews and where they stand"),
        ("channel", "/channels", "channels, and whether their last message arrived"),
    ):
        noun = nouns.add_parser(name, help=help_words)
        verb = noun.add_subparsers(dest="verb", required=True).add_parser("list")
        verb.add_argument("--json", action="store_true")
        verb.set_defaults(run=run_list, path=path, key=f"{name}s")
    task = nouns.add_parser("task", help="what was asked of the worker")
    show = task.add_subparsers(dest="verb", required=True).add_parser("show")
    show.add_argument("task_id")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=run_task)


def run_list(arguments: argparse.Namespace) -> int:
    """Print a list."""
    answer = client.get(arguments.path)
    if arguments.json:
        print(json.dumps(answer, indent=1))
        return 0
    for item in answer[arguments.key]:
        print(
            "  ".join(str(value) for value in item.values() if not isinstance(value, dict | list))
        )
    return 0


def run_task(arguments: argparse.Namespace) -> int:
    """Print one task."""
    answer = client.get(f"/tasks/{arguments.task_id}")
    print(
        json.dumps(answer, indent=1)
        if arguments.json
        else f"{answer['state']}  {answer['message']}"
    )
    return 0
