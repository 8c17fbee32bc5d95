"""``countersign drift``: two files held against a limit without a server, and what production showed."""

import argparse
import json
from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from services.cli import client
from services.kernel.error import InvalidInput

COULD_NOT_TELL = 2
METRICS = ("ks", "psi", "jensen_shannon")


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("drift", help="how far data moved")
    verbs = noun.add_subparsers(dest="verb", required=True)
    check = verbs.add_parser(
        "check", help="two Parquet or CSV files; exit 0: within; 1: moved; 2: could not tell"
    )
    check.add_argument("reference")
    check.add_argument("current")
    check.add_argument("--metric", choices=METRICS, default="ks")
    bound = check.add_mutually_exclusive_group(required=True)
    bound.add_argument("--limit", type=float, help="the largest value that is within, such as 0.2")
    bound.add_argument(
        "--alpha",
        type=float,
        help="level of the tests of all features together (Holm), such as 0.05",
    )
    check.add_argument("--min-rows", type=int, default=200, help="with fewer nothing is told")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=run)
    show = verbs.add_parser("show", help="what production showed of a model, as its page does")
    show.add_argument("model")
    show.add_argument("--version", type=int, help="else the one that serves")
    show.add_argument("--feature", help="one feature; without it all numbers of the window")
    show.add_argument("--metric", help="a name of the catalogue, such as drift.ks")
    show.add_argument("--segment", help="as evidence names segments, such as carrier=UA")
    show.add_argument("--window", help="a day or an instant inside the window; else the last month")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=run_show)


def run(arguments: argparse.Namespace) -> int:
    """Compare two files; print each feature; return the exit code."""
    from services.cli.columns import opened
    from services.facts.drift.comparison import compare
    from services.facts.drift.types import DriftMetric

    _within_reason(arguments)
    reference, current = opened(arguments.reference), opened(arguments.current)
    metric = DriftMetric(arguments.metric)
    found = list(compare(reference, current, metric, arguments.min_rows))
    if not found:
        raise InvalidInput(f"{arguments.reference} has no columns.")
    moved = _moved(arguments, found)
    added = [name for name in current.schema.names if name not in reference.schema.names]
    unknown = [each.feature for each in found if each.value is None]
    told = {
        "result": "moved" if moved else "unknown" if unknown else "within",
        "features": [{**asdict(each), "moved": each.feature in moved} for each in found],
        "columns_added": added,
    }
    if arguments.json:
        print(json.dumps(told, indent=1))
    else:
        _print(told)
    return 1 if moved else COULD_NOT_TELL if unknown else 0


def _within_reason(arguments: argparse.Namespace) -> None:
    if arguments.alpha is not None and not 0 < arguments.alpha < 1:
        raise InvalidInput("--alpha lies between 0 and 1.")
    if arguments.limit is not None and not arguments.limit >= 0:
        raise InvalidInput("--limit is 0 or more.")
    if arguments.min_rows < 2:
        raise InvalidInput("--min-rows is 2 or more.")


def _moved(arguments: argparse.Namespace, found: list[Any]) -> set[str]:
    """Return the features that moved: beyond the limit, or rejected by Holm's procedure."""
    known = [each for each in found if each.value is not None]
    if arguments.limit is not None:
        return {each.feature for each in known if each.value > arguments.limit}
    moved: set[str] = set()
    for rank, each in enumerate(sorted(known, key=lambda one: one.p_value)):
        if each.p_value > arguments.alpha / (len(known) - rank):
            break
        moved.add(each.feature)
    return moved


def _print(told: dict[str, Any]) -> None:
    for each in told["features"]:
        if each["value"] is None:
            print(f"  ? {each['feature']:<24} {each['reason']}")
            continue
        mark, name = ("✗" if each["moved"] else "✓"), each["metric"].removeprefix("drift.")
        numbers = f"{name} {each['value']:.4f}  p {each['p_value']:.2g}  n {each['n']:,}"
        print(f"  {mark} {each['feature']:<24} {numbers}  missing {each['missing']:.1%}")
    for name in told["columns_added"]:
        print(f"  + {name:<24} not in the reference; not compared")
    print(f"  result: {told['result']}")


def run_show(arguments: argparse.Namespace) -> int:
    """Print what production showed; exit 2 where nothing was measured."""
    asked = {key: getattr(arguments, key) for key in ("version", "feature", "metric", "segment")}
    answer = client.get(
        f"/models/{quote(arguments.model, safe='')}/drift", window=arguments.window, **asked
    )
    if arguments.json:
        print(json.dumps(answer, indent=1))
    else:
        _print_shown(answer)
    return 0 if answer["numbers"] else COULD_NOT_TELL


def _print_shown(answer: dict[str, Any]) -> None:
    note = f" ({answer['note']})" if answer["note"] else ""
    print(f"{answer['model']} v{answer['version']}, by {answer['granularity']}{note}")
    for each in answer["numbers"]:
        what = f"{each['metric']} {each['feature']}".strip()
        print(f"  {each['window'][:16]}  {what:<44} {_shown(each)}")
    if not answer["numbers"]:
        print("  nothing was measured there")


def _shown(number: dict[str, Any]) -> str:
    """Return a number with all that says how sure it is."""
    value, lo, hi = number["value"], number["lo"], number["hi"]
    if value is None:
        return f"{number['status'].replace('_', ' ')} (n {number['n']:,})"
    ends = "" if lo is None or hi is None else f" [{lo:.4f}, {hi:.4f}]"
    chance = "" if number["floor"] is None else f"  chance {number['floor']:.4f}"
    return f"{value:.4f}{ends}  n {number['n']:,}{chance}"
