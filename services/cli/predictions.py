"""``countersign predictions``: what models said in production."""

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from services.cli import client, custody, workspace
from services.kernel.error import InvalidInput

STREAMS = ("predictions", "outcomes", "protected")
Send = Callable[[list[dict[str, Any]]], dict[str, Any]]


@dataclass(frozen=True)
class Door:
    """Where rows of one stream of a model go.

    Attributes
    ----------
    known_since
        When a file of this digest was stored; over HTTP nobody knows, and its rows are duplicates.
    note
        Remember a file by its digest, and how many rows it has.
    """

    send: Send
    known_since: Callable[[str], datetime | None] = lambda _: None
    note: Callable[[str, int], None] = lambda *_: None


_SHOWN = 20
_FORMULA = "=+-@\t\r＝＋－＠"


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("predictions", help="what models said in production")
    verbs = noun.add_subparsers(dest="verb", required=True)
    count = verbs.add_parser("count", help="how many rows there are, by day")
    count.add_argument("model")
    count.add_argument("--outcomes", action="store_true", help="outcomes in place of predictions")
    count.add_argument("--json", action="store_true")
    count.set_defaults(run=run)
    stored = verbs.add_parser(
        "import",
        help="Parquet or CSV files; exit 0: all rows; 1: some refused; 2: a file was not read",
    )
    stored.add_argument("model")
    stored.add_argument("files", nargs="+", metavar="FILE", help="a path, or any fsspec address")
    stored.add_argument("--stream", choices=STREAMS, default="predictions")
    stored.add_argument("--again", action="store_true", help="also files that are known")
    stored.add_argument("--json", action="store_true")
    stored.set_defaults(run=import_files)
    label = verbs.add_parser(
        "to-label",
        help="print as CSV what a person should look at, from the workspace itself: no token reads "
        "rows; labels come back as outcomes",
    )
    label.add_argument("model")
    label.add_argument("--days", type=int, default=30, help="of the newest days there are")
    label.add_argument("--most", type=int, default=500)
    label.add_argument("--threshold", type=float, default=0.5, help="where the answer changes")
    label.set_defaults(run=print_to_label)
    custody.add(verbs)


def run(arguments: argparse.Namespace) -> int:
    """Print how many rows there are."""
    stream = "outcomes" if arguments.outcomes else "predictions"
    answer = client.get(f"/models/{quote(arguments.model, safe='')}/{stream}")
    if arguments.json:
        print(json.dumps(answer, indent=1))
        return 0
    print(f"{arguments.model}: {answer['rows']:,} {stream}; {custody.line(answer['custody'])}")
    for day in answer["days"]:
        found = "".join(f", {n:,} {name.replace('_', ' ')}" for name, n in day["findings"].items())
        print(f"  {day['day']}  {day['rows']:,}{found}")
    return 0


def import_files(arguments: argparse.Namespace) -> int:
    """Store the rows of files; print what was refused, by file and row.

    What was stored before a file that cannot be read is printed too.
    """
    door, told = _door(arguments.model, arguments.stream), list[dict[str, Any]]()
    try:
        for each in arguments.files:
            _import(each, arguments.stream, door, told, again=arguments.again)
    finally:
        if arguments.json:
            print(json.dumps({"files": told}, indent=1))
        else:
            for each in told:
                _print(each)
    return 1 if any(each["rejected"] for each in told) else 0


def _import(
    place: str, stream: str, door: Door, files: list[dict[str, Any]], *, again: bool
) -> None:
    from services.facts.prediction.fsspec_adapter import opened
    from services.facts.prediction.importing import batches
    from services.facts.prediction.imports import digest_of
    from services.facts.prediction.types import Stream

    sha256 = digest_of(place)
    since = None if again else door.known_since(sha256)
    told: dict[str, Any] = {"file": place, "accepted": 0, "duplicates": 0, "rejected": []}
    files.append(told if since is None else {**told, "known_since": since.isoformat()})
    if since is not None:
        return
    with opened(place) as file:
        for batch in batches(place, file, Stream(stream)):
            told["rejected"] += [{"row": each.row, "reason": each.reason} for each in batch.broken]
            if not batch.rows:
                continue
            answer = door.send(batch.rows)
            told["accepted"] += answer["accepted"]
            told["duplicates"] += answer["duplicates"]
            told["rejected"] += [
                {"row": batch.first + each["row"], "reason": each["reason"]}
                for each in answer["rejected"]
            ]
    if not told["rejected"]:
        door.note(sha256, told["accepted"] + told["duplicates"])


def _print(told: dict[str, Any]) -> None:
    if "known_since" in told:
        print(f"{told['file']}: known since {told['known_since'][:10]}, nothing was stored")
        return
    refused = told["rejected"]
    print(
        f"{told['file']}: {told['accepted']:,} stored, {told['duplicates']:,} known already, "
        f"{len(refused):,} refused"
    )
    for each in refused[:_SHOWN]:
        print(f"  {told['file']} row {each['row'] + 1}: {each['reason']}")
    if len(refused) > _SHOWN:
        print(f"  … and {len(refused) - _SHOWN:,} more; --json lists all")


def print_to_label(arguments: argparse.Namespace) -> int:
    """Print the answers that teach the most, unlabelled, as CSV."""
    from services.facts.prediction import frame
    from services.facts.prediction.labelling import to_label
    from services.kernel.identity import SYSTEM

    services = workspace.opened()
    days = services.prediction_reader.days(arguments.model)[-max(1, arguments.days) :]
    held = frame.together([services.prediction_reader.day(arguments.model, d) for d in days])
    if not held.num_rows:
        raise InvalidInput(f"{arguments.model} has no predictions.")
    found = to_label(held, arguments.most, arguments.threshold)
    with services.store.unit(SYSTEM) as unit:
        unit.event(
            "sensitive:read", ("model", arguments.model), what="prediction_rows",
            purpose="labelling", rows=found.num_rows, since=days[0].isoformat(),
            until=days[-1].isoformat(),
        )  # fmt: skip
    shown = ("prediction_id", "at", "version", "score", "prediction", "reason")
    names = [n for n in found.schema.names if n in shown or n.startswith(("f_", "s_"))]
    writer = csv.writer(sys.stdout)
    writer.writerow(names)
    for row in found.select(names).to_pylist():
        writer.writerow([_cell(value) for value in row.values()])
    return 0


def _cell(value: Any) -> Any:
    """Return a cell that a spreadsheet takes for no formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value


def _door(model: str, stream: str) -> Door:
    """Return the way of rows: over HTTP where an address is given, else into this workspace."""
    if os.environ.get("COUNTERSIGN_URL"):
        from services.facts.prediction.importing import lines

        path = f"/models/{quote(model, safe='')}/{stream}"
        return Door(lambda rows: client.post(path, lines(rows), "application/x-ndjson"))
    return _here(model, stream)


def _here(model: str, stream: str) -> Door:
    from services.facts.prediction.imports import Imports
    from services.facts.prediction.types import Stream, TooFast
    from services.kernel.identity import SYSTEM
    from services.record.canonical import plain

    services = workspace.opened()
    with services.store.reading() as session:
        services.registry.model(session, model)
        its = services.registry.versions(session, model)
        custody = services.custodies.of(session, model)
    versions = frozenset(each.ref.version for each in its)

    def send(rows: list[dict[str, Any]]) -> dict[str, Any]:
        while True:
            try:
                receipt = services.predictions.ingest(
                    "import", model, Stream(stream), rows, custody=custody, versions=versions
                )
            except TooFast as error:
                time.sleep(error.seconds)
            else:
                rejected = [{"row": each.row, "reason": each.reason} for each in receipt.rejected]
                told = {"accepted": receipt.accepted, "duplicates": receipt.duplicates}
                return {**told, "rejected": plain(rejected)}

    imports, its_stream = Imports(services.store), Stream(stream)
    return Door(
        send,
        lambda sha256: imports.known_since(model, its_stream, sha256),
        lambda sha256, rows: imports.note(SYSTEM, model, its_stream, sha256, rows),
    )
