"""``countersign trail``: what happened, and whether it still says so."""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from services.cli import client
from services.kernel.error import CountersignError
from services.record.storage.database import Database
from services.record.trail.verification import verify
from services.settings import read_settings


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("trail", help="the audit trail")
    verbs = noun.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser("verify", help="exit 0: verified; 1: tampered; 2: could not verify")
    check.add_argument("--database", help="another governance database than the workspace's")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run_verify)
    listed = verbs.add_parser("list", help="events, newest first")
    listed.add_argument("--action")
    listed.add_argument("--limit", type=int, default=100)
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(run=run_list)


def run_verify(arguments: argparse.Namespace) -> int:
    """Recompute every hash of the trail."""
    url = arguments.database or read_settings().database
    if url.startswith("sqlite:///") and not url.startswith("sqlite:///file:"):
        url = f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true"
    try:
        database = Database(url)
        with database.reading() as session:
            state = verify(session, datetime.now(UTC))  # noqa: TID251 - when a person asked
        database.close()
    except (SQLAlchemyError, CountersignError) as error:
        print(f"It could not be verified: {str(error).splitlines()[0]}", file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps({"holds": state.holds, "events": state.size, "root": state.root,
                          "broken_at": state.broken_at, "reason": state.reason}))  # fmt: skip
    elif state.holds:
        print(f"Verified: {state.size:,} events, root {state.root}")
    else:
        print(
            f"TAMPERED at event {state.broken_at}: {state.reason}; {state.size:,} events before it hold"
        )
    return 0 if state.holds else 1


def run_list(arguments: argparse.Namespace) -> int:
    """Print events."""
    answer = client.get("/trail", action=arguments.action, limit=arguments.limit)
    if arguments.json:
        print(json.dumps(answer, indent=1))
        return 0
    for event in answer["events"]:
        subject = event.get("subject", {})
        print(f"{event['seq']:>8}  {event['ts']}  {event['action']:<24} {subject.get('id', '')}")
    return 0
