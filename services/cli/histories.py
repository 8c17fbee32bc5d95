"""``list`` and ``show`` of what has a state and a history: every page of it, in lines or as JSON."""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from services.cli import client


@dataclass(frozen=True)
class Listing:
    """The two commands of a noun.

    Attributes
    ----------
    noun
        In the singular; the route is its plural.
    about
        What it is, for the help.
    states
        Those one may ask for; the first is the one that ``state_help`` explains.
    line
        Returns one of them in one line.
    more
        Yields what ``show`` tells beside it.
    """

    noun: str
    about: str
    states: Sequence[str]
    state_help: str
    shown: str
    line: Callable[[dict[str, Any]], str]
    more: Callable[[dict[str, Any]], Iterator[str]]

    def add(self, nouns: Any) -> None:
        """Add the commands of this noun."""
        noun = nouns.add_parser(self.noun, help=self.about)
        verbs = noun.add_subparsers(dest="verb", required=True)
        listed = verbs.add_parser("list", help=f"{self.noun}s, oldest first")
        listed.add_argument("--model")
        listed.add_argument("--state", choices=self.states, help=self.state_help)
        listed.add_argument("--json", action="store_true")
        listed.set_defaults(run=self._list)
        show = verbs.add_parser("show", help=self.shown)
        show.add_argument(f"{self.noun}_id")
        show.add_argument("--json", action="store_true")
        show.set_defaults(run=self._show)

    def _list(self, arguments: argparse.Namespace) -> int:
        named = f"{self.noun}s"
        asked = {"model": arguments.model, "state": arguments.state, "limit": 200}
        found = list(client.every(f"/{named}", named, **asked))
        if arguments.json:
            print(json.dumps({named: found}, indent=1))
            return 0
        for each in found:
            print(self.line(each))
        if not found:
            print(f"No {named}.")
        return 0

    def _show(self, arguments: argparse.Namespace) -> int:
        asked = quote(getattr(arguments, f"{self.noun}_id"), safe="")
        found = client.get(f"/{self.noun}s/{asked}")
        if arguments.json:
            print(json.dumps(found, indent=1))
            return 0
        print(self.line(found))
        for each in self.more(found):
            print(f"  {each}")
        return 0


def minute(at: str) -> str:
    """Return an instant of the API to the minute, as people read it."""
    return at[:16].replace("T", " ")
