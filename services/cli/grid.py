"""``countersign grid``: what a kilowatt-hour emits, where and from when on, and who says so."""

import argparse
import json
from pathlib import Path
from typing import Any

from services.cli import workspace
from services.kernel.error import InvalidInput


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("grid", help="what a kilowatt-hour emits, by region")
    verbs = noun.add_subparsers(dest="verb", required=True)
    listed = verbs.add_parser("list", help="the factors there are, in the workspace itself")
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(run=run_list)
    stored = verbs.add_parser(
        "import", help="a list in CSV (region,kg_per_kwh,from,source), all or none"
    )
    stored.add_argument("file", metavar="FILE")
    stored.add_argument("--json", action="store_true")
    stored.set_defaults(run=run_import)


def run_list(arguments: argparse.Namespace) -> int:
    """Print factors."""
    services = workspace.opened()
    with services.store.reading() as session:
        found = services.grids.all(session)
    _print(found, as_json=arguments.json)
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """Publish a list."""
    from services.kernel.identity import SYSTEM
    from services.standards.grid import rules

    try:
        data = Path(arguments.file).read_bytes()
    except OSError as error:
        raise InvalidInput(f"{arguments.file} cannot be read.") from error
    made = workspace.opened().grids.publish_as(SYSTEM, rules.read_list(data))
    _print(made, as_json=arguments.json)
    return 0


def _print(found: Any, *, as_json: bool) -> None:
    if as_json:
        told = [
            {
                "grid_id": each.grid_id,
                "region": each.region,
                "kg_per_kwh": str(each.kg_per_kwh),
                "from": each.starts_at.isoformat(),
                "source": each.source,
                "sample": each.sample,
            }
            for each in found
        ]
        print(json.dumps({"factors": told}, indent=1))
        return
    for each in found:
        sample = "  sample" if each.sample else ""
        print(f"{each.region}  {each.kg_per_kwh} kg CO2e a kWh  since {each.starts_at:%Y-%m-%d}{sample}")  # fmt: skip
        print(f"  {each.source}")
