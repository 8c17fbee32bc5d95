"""``countersign predictions count``: what models said in production."""

import argparse
import json
from typing import Any
from urllib.parse import quote

from services.cli import client


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("predictions", help="what models said in production")
    verbs = noun.add_subparsers(dest="verb", required=True)
    count = verbs.add_parser("count", help="how many rows there are, by day")
    count.add_argument("model")
    count.add_argument("--outcomes", action="store_true", help="outcomes in place of predictions")
    count.add_argument("--json", action="store_true")
    count.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print how many rows there are."""
    stream = "outcomes" if arguments.outcomes else "predictions"
    answer = client.get(f"/models/{quote(arguments.model, safe='')}/{stream}")
    if arguments.json:
        print(json.dumps(answer, indent=1))
        return 0
    print(f"{arguments.model}: {answer['rows']:,} {stream}")
    for day in answer["days"]:
        found = "".join(f", {n:,} {name.replace('_', ' ')}" for name, n in day["findings"].items())
        print(f"  {day['day']}  {day['rows']:,}{found}")
    return 0
