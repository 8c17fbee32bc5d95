"""``countersign gate check``: the gate for machines."""

import argparse
import json
from typing import Any
from urllib.parse import quote

from services.cli import client

MARKS = {"PASS": "✓", "NOT_APPLICABLE": "–", "WAIVED": "◇", "UNKNOWN": "?", "FAIL": "✗"}
PERMITS = ("PASS", "NOT_APPLICABLE", "WAIVED")


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("gate", help="hold a version against its policy")
    verbs = noun.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser(
        "check", help="exit 0: may have the alias; 1: may not; 2: could not tell"
    )
    check.add_argument("model")
    check.add_argument("version", type=int)
    check.add_argument("--alias", default="champion")
    check.add_argument(
        "--require-approval", action="store_true", help="also ask for the signatures"
    )
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Ask the gate; print what it says; return its exit code."""
    path = f"/models/{quote(arguments.model, safe='')}/versions/{arguments.version}/gate"
    approval = "true" if arguments.require_approval else None
    answer = client.get(path, alias=arguments.alias, require_approval=approval)
    if arguments.json:
        print(json.dumps(answer, indent=1))
    else:
        _print(arguments, answer)
    approved = answer.get("approval") if arguments.require_approval else True
    return 0 if str(answer["verdict"]).upper() in PERMITS and approved else 1


def _value(clause: dict[str, Any]) -> str:
    """Return what was found, in words where it is no number."""
    card = str(clause["id"]).startswith("card-")
    if clause["value"] is None and str(clause["result"]).upper() == "PASS":
        return "written" if card else "on file"
    if clause["value"] is None:
        return "not written" if card else "no number"
    value = f"{clause['value']:.3f}"
    return value if clause["lo"] is None else f"{value} [{clause['lo']:.3f}, {clause['hi']:.3f}]"


def _print(arguments: argparse.Namespace, answer: dict[str, Any]) -> None:
    print(f"{arguments.model} {arguments.version} for {arguments.alias}: {answer['verdict']}")
    for clause in answer["clauses"]:
        result = str(clause["result"]).upper()
        value = _value(clause)
        reason = f" ({clause['reason'].replace('_', ' ')})" if clause["reason"] else ""
        where = f" {clause['segment']}" if clause["segment"] else ""
        print(
            f"  {MARKS.get(result, '?')} {clause['id']:<22}{where} {value}  {clause['limit']}{reason}"
        )
    if arguments.require_approval:
        print("  signatures: " + ("complete" if answer["approval"] else "missing"))
