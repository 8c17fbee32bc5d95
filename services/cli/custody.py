"""``countersign predictions custody``: what of a model's rows is kept, and for how long."""

import argparse
import json
from dataclasses import asdict, replace
from typing import Any

from services.cli import workspace


def add(verbs: Any) -> None:
    """Add this command to those about predictions."""
    verb = verbs.add_parser(
        "custody", help="show or decide what of a model's rows is kept, and for how long"
    )
    verb.add_argument("model")
    columns = "a column as the sender calls it, or as the log does (f_…, s_…, a_…)"
    verb.add_argument("--drop", action="append", metavar="COLUMN", help=f"never stored: {columns}")
    verb.add_argument("--hash", action="append", metavar="COLUMN", help="only as a keyed digest")
    verb.add_argument("--keep-days", type=int, metavar="N", help="0: for ever")
    verb.add_argument("--caller-limit", type=int, metavar="N", help="rows a day; 0: any number")
    verb.add_argument("--anew", action="store_true", help="forget what was decided before")
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Decide what is given, keep the rest as it was, and print what holds."""
    from services.facts.prediction.types import FREE
    from services.kernel.identity import SYSTEM

    services = workspace.opened()
    with services.store.reading() as session:
        services.registry.model(session, arguments.model)
        held = services.custodies.of(session, arguments.model)
    wanted = FREE if arguments.anew else held
    dropped, hashed = set(arguments.drop or ()), set(arguments.hash or ())
    wanted = replace(
        wanted,
        dropped=(wanted.dropped - hashed) | dropped,
        hashed=(wanted.hashed - dropped) | hashed,
        keep_days=_chosen(arguments.keep_days, wanted.keep_days),
        caller_limit=_chosen(arguments.caller_limit, wanted.caller_limit),
    )
    if wanted != held:
        services.custodies.set(SYSTEM, arguments.model, wanted)
    told = {**asdict(wanted), "dropped": sorted(wanted.dropped), "hashed": sorted(wanted.hashed)}
    print(json.dumps(told, indent=1) if arguments.json else f"{arguments.model}: {line(told)}")
    return 0


def line(told: dict[str, Any]) -> str:
    """Return a custody in one line."""
    parts = [
        f"{words} {', '.join(sorted(told[name]))}"
        for name, words in (("dropped", "never stored:"), ("hashed", "only digests of"))
        if told[name]
    ]
    kept = "for ever" if told["keep_days"] is None else f"for {told['keep_days']:,} days"
    parts.append(f"kept {kept}")
    if told["caller_limit"] is not None:
        parts.append(f"a caller may send {told['caller_limit']:,} rows a day")
    return "; ".join(parts)


def _chosen(given: int | None, held: int | None) -> int | None:
    """Return a number that was given, None for 0, and what was held where none was."""
    return held if given is None else given or None
