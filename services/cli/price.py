"""``countersign price``: what things cost, from when to when, and who says so."""

import argparse
import json
from pathlib import Path
from typing import Any

from services.cli import client, workspace
from services.kernel.error import InvalidInput
from services.kernel.money import Money


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("price", help="what things cost, and rates between currencies")
    verbs = noun.add_subparsers(dest="verb", required=True)
    listed = verbs.add_parser("list", help="the prices that hold, and the rates")
    listed.add_argument("--all", action="store_true", help="those that ended, too")
    _end(listed, run_list)
    made = verbs.add_parser("publish", help="publish one in the workspace itself")
    made.add_argument("sku", help="what is sold: cpu, memory, gpu:h100, an instance type")
    made.add_argument("--unit", required=True, help="of which the amount is the price: gpu-hour")
    made.add_argument("--amount", required=True, help="as 2.49")
    made.add_argument("--currency", default="USD")
    made.add_argument("--provider", default="")
    made.add_argument("--region", default="")
    made.add_argument("--term", default="on_demand", help="on_demand, spot or reserved")
    _dated(made)
    made.add_argument("--until", default="", help="half open; nothing while no end is known")
    _end(made, run_publish)
    over = verbs.add_parser("end", help="say when one ends, in the workspace itself")
    over.add_argument("price_id")
    over.add_argument("--at", required=True, help="a date or an instant in UTC: 2026-12-01")
    _end(over, run_end)
    stored = verbs.add_parser(
        "import", help="a list in CSV, all or none, into the workspace itself"
    )
    stored.add_argument("file", metavar="FILE")
    _end(stored, run_import)
    rate = verbs.add_parser("rate", help="a dated rate between currencies: EUR USD 1.08")
    rate.add_argument("base")
    rate.add_argument("quote")
    rate.add_argument("each", help="units of the second for one of the first")
    _dated(rate)
    _end(rate, run_rate)


def _dated(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--from", dest="since", required=True, help="a date: 2026-11-01")
    verb.add_argument("--source", required=True, help="where it was read: words or an address")


def _end(verb: argparse.ArgumentParser, run: Any) -> None:
    verb.add_argument("--json", action="store_true")
    verb.set_defaults(run=run)


def run_list(arguments: argparse.Namespace) -> int:
    """Print prices and rates."""
    found = client.get("/prices", all="true" if arguments.all else None)
    if arguments.json:
        print(json.dumps(found, indent=1))
        return 0
    for each in found["prices"]:
        until = f" until {each['ends_at'][:10]}" if each["ends_at"] else ""
        sample = "  sample" if each["sample"] else ""
        print(
            f"{each['price_id']}  {each['sku']}  {each['amount']} {each['currency']} a {each['unit']}"
            f"  {each['words']}  since {each['starts_at'][:10]}{until}{sample}"
        )
    for each in found["rates"]:
        print(f"1 {each['base']} = {each['each']} {each['quote']} since {each['starts_at'][:10]}")
    if not found["prices"]:
        print("No price is published.")
    return 0


def run_publish(arguments: argparse.Namespace) -> int:
    """Publish a price."""
    from services.standards.price import rules
    from services.standards.price.types import Market, PriceForm

    form = PriceForm(
        arguments.sku, arguments.unit,
        Market(arguments.provider, arguments.region, rules.term(arguments.term)),
        Money.parse(arguments.amount, arguments.currency.upper()), rules.instant(arguments.since),
        rules.instant(arguments.until) if arguments.until else None, arguments.source,
    )  # fmt: skip
    return _publish([form], as_json=arguments.json)


def run_import(arguments: argparse.Namespace) -> int:
    """Publish a list."""
    from services.standards.price import rules

    try:
        data = Path(arguments.file).read_bytes()
    except OSError as error:
        raise InvalidInput(f"{arguments.file} cannot be read.") from error
    return _publish(rules.read_list(data), as_json=arguments.json)


def _publish(forms: Any, *, as_json: bool) -> int:
    from services.kernel.identity import SYSTEM

    made = workspace.opened().prices.publish_as(SYSTEM, forms)
    if as_json:
        told = [{"price_id": each.price_id, "sku": each.sku} for each in made]
        print(json.dumps({"prices": told}, indent=1))
    else:
        for each in made:
            print(f"{each.price_id}  {each.sku}  {each.amount.decimal} {each.amount.currency}")
    return 0


def run_end(arguments: argparse.Namespace) -> int:
    """End a price."""
    from services.kernel.identity import SYSTEM
    from services.standards.price import rules

    at = rules.instant(arguments.at)
    price = workspace.opened().prices.end_as(SYSTEM, arguments.price_id, at)
    told = {"price_id": price.price_id, "sku": price.sku, "ends_at": at.isoformat()}
    print(json.dumps(told) if arguments.json else f"{price.sku} ends on {at:%Y-%m-%d}.")
    return 0


def run_rate(arguments: argparse.Namespace) -> int:
    """Publish a rate."""
    from services.kernel.identity import SYSTEM
    from services.standards.price import rules

    read = rules.read_exchange(
        arguments.base, arguments.quote, arguments.each, arguments.since, arguments.source
    )
    made = workspace.opened().prices.publish_exchange_as(SYSTEM, read)
    told = {"base": made.base, "quote": made.quote, "each": str(made.each)}
    print(json.dumps(told) if arguments.json else f"1 {made.base} = {made.each} {made.quote}")
    return 0
