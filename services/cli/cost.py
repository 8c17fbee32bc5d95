"""``countersign cost``: what models cost, and bills that are imported."""

import argparse
import json
from typing import Any

from services.cli import client, saving, storage, workspace


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("cost", help="what models cost")
    verbs = noun.add_subparsers(dest="verb", required=True)
    total = verbs.add_parser("total", help="what a month comes to")
    total.add_argument("--period", required=True, help="a month or a day: 2026-11, 2026-11-14")
    total.add_argument(
        "--by",
        default="",
        help="with commas: model, team, kind, version, run, ticket, environment, experiment, sku",
    )
    total.add_argument("--model")
    total.add_argument("--team")
    total.add_argument("--currency", help="also in one currency, each day at its published rate")
    total.add_argument("--json", action="store_true")
    total.set_defaults(run=run_total)
    stored = verbs.add_parser(
        "import",
        help="a bill, into the workspace itself; exit 0: all rows; 1: some refused; 2: not read",
    )
    stored.add_argument(
        "form", choices=["focus", "opencost", "csv"],
        help="FOCUS 1.x as CSV or Parquet, an answer of OpenCost, or plain CSV (docs/cost.md)",
    )  # fmt: skip
    stored.add_argument(
        "files", nargs="+", metavar="FILE",
        help="a path or any fsspec address; for opencost also https://HOST/allocation?window=1d",
    )  # fmt: skip
    stored.add_argument("--currency", default="", help="which one OpenCost reckons in; else USD")
    stored.add_argument("--inside", action="store_true", help="the address may lie in this network")
    stored.add_argument("--again", action="store_true", help="also files that are known")
    stored.add_argument("--json", action="store_true")
    stored.set_defaults(run=run_import)
    again = verbs.add_parser(
        "price-again",
        help="price what had none, by the prices of its day; exit 1: something still has none",
    )
    again.add_argument("--period", help="a month or a day; all time without it")
    again.add_argument("--json", action="store_true")
    again.set_defaults(run=run_again)
    saving.add(verbs)
    storage.add(verbs)


def run_total(arguments: argparse.Namespace) -> int:
    """Print what a period comes to."""
    answer = client.get(
        "/cost",
        period=arguments.period,
        by=arguments.by or None,
        model=arguments.model,
        team=arguments.team,
        currency=arguments.currency.upper() if arguments.currency else None,
    )
    if arguments.json:
        print(json.dumps(answer, indent=1))
        return 0
    for each in answer["totals"]:
        key = "  ".join(f"{value or '(nobody)'}" for value in each["key"].values()) or "all"
        print(f"{key}  {each['amount']} {each['currency']}  {_lines(each['lines'])}")
    if "converted" in answer:
        _print_converted(answer["converted"])
    if not answer["totals"]:
        print(f"No cost with a price in {answer['period']}.")
    if answer["unpriced"]:
        print(f"{_lines(answer['unpriced'])} without a price: what stands above is not all.")
    return 0


def _print_converted(told: dict[str, Any]) -> None:
    for each in told["totals"]:
        key = "  ".join(f"{value or '(nobody)'}" for value in each["key"].values()) or "all"
        print(f"{key}  {each['amount']} {told['currency']}, converted")
    for each in told["unconverted"]:
        print(
            f"{each['amount']} {each['currency']} is not in these, {_lines(each['lines'])}: "
            f"there is no rate to {told['currency']}; publish one with: countersign price rate"
        )


def _lines(count: int) -> str:
    return f"{count:,} line{'' if count == 1 else 's'}"


def run_import(arguments: argparse.Namespace) -> int:
    """Import bills; print what became of each."""
    from services.kernel.identity import SYSTEM

    services = workspace.opened()
    told = [_told(_taken(services, place, arguments)) for place in arguments.files]
    services.reconciliations.renew(SYSTEM)
    if arguments.json:
        print(json.dumps({"files": told}, indent=1))
    else:
        for each in told:
            _print(each)
    return 1 if any(each["refused"] for each in told) else 0


def _taken(services: Any, place: str, arguments: argparse.Namespace) -> Any:
    from services.kernel.identity import SYSTEM

    form, currency = arguments.form, arguments.currency
    if form == "opencost" and place.startswith(("http://", "https://")):
        from services.workflows.costing import fetching

        data = fetching.allocations(place, inside=arguments.inside)
        return services.cost_imports.take_bytes(SYSTEM, form, place, data, currency=currency)
    return services.cost_imports.take(SYSTEM, form, place, currency=currency, again=arguments.again)


def _told(found: Any) -> dict[str, Any]:
    return {
        "file": found.name,
        "sha256": found.sha256,
        "known_since": found.known_since.isoformat() if found.known_since else None,
        "rows": found.rows,
        "new": found.new,
        "known": found.known,
        "restated": found.restated,
        "corrections": found.corrections,
        "corrected": {name: each.decimal for name, each in sorted(found.corrected.items())},
        "unallocated": found.unallocated,
        "refused": found.refusals,
        "refusals": [{"row": row, "reason": reason} for row, reason in found.refused],
        "billed": {name: str(each) for name, each in sorted(found.billed.items())},
        "effective": {name: str(each) for name, each in sorted(found.effective.items())},
    }


def _print(told: dict[str, Any]) -> None:
    if told["known_since"]:
        print(f"{told['file']}: known since {told['known_since'][:10]}, nothing was stored")
        return
    sums = ", ".join(f"{amount} {name}" for name, amount in told["billed"].items())
    print(
        f"{told['file']}: {told['new']:,} lines stored, {told['known']:,} known already, "
        f"{told['refused']:,} refused, {told['unallocated']:,} of no model; billed {sums or 'nothing'}"
    )
    for each in told["refusals"][:20]:
        print(f"  row {each['row']}: {each['reason']}")
    if told["restated"]:
        more = ", ".join(f"{amount} {name}" for name, amount in told["corrected"].items())
        print(
            f"  {told['restated']:,} lines stood there with other figures, and were corrected"
            f"{f' by {more}' if more else ''}"
        )


def run_again(arguments: argparse.Namespace) -> int:
    """Price lines again that had no price."""
    from services.kernel.identity import SYSTEM
    from services.kernel.money import Money
    from services.kernel.period import stretch_of
    from services.workflows.costing.markets import Markets
    from services.workflows.costing.repricing import Repricing

    services = workspace.opened()
    period = stretch_of(arguments.period) if arguments.period else None
    markets = Markets(services.registry)
    repricing = Repricing(services.store, services.ledger, services.prices, markets)
    found = repricing.run(SYSTEM, period)
    amounts = {name: Money(name, micros).decimal for name, micros in sorted(found.amounts.items())}
    missing: list[dict[str, Any]] = [
        {"sku": sku, "unit": unit, "lines": count}
        for (sku, unit), count in sorted(found.missing.items())
    ]
    if arguments.json:
        told = {
            "priced": found.priced,
            "amounts": amounts,
            "unpriced": missing,
            "waiting": found.waiting,
        }
        print(json.dumps(told, indent=1))
    else:
        sums = ", ".join(f"{amount} {name}" for name, amount in amounts.items())
        print(f"{_lines(found.priced)} priced{f', {sums}' if sums else ''}.")
        if found.waiting:
            print(f"  {_lines(found.waiting)} of runs: the worker prices them, by their tags.")
        for each in missing:
            print(
                f"  {each['sku']} a {each['unit']}: {_lines(each['lines'])} still without a price"
            )
    return 1 if missing else 0
