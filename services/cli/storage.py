"""``countersign cost storage``: what is kept, what needs it, and orders to take away what nothing does."""

import argparse
import json
from typing import Any
from urllib.parse import quote

from services.cli import client

STATES = ("ordered", "disposed", "withdrawn", "kept")
PATH, ORDERS = "/cost/storage", "/cost/storage/orders"


def add(verbs: Any) -> None:
    """Add the commands of this noun to those of ``cost``."""
    noun = verbs.add_parser("storage", help="what is kept of runs, and orders to take it away")
    acts = noun.add_subparsers(dest="act", required=True)
    listed = acts.add_parser("list", help="the runs whose files are kept, the largest first")
    listed.add_argument("--spare", action="store_true", help="only what nothing needs")
    orders = acts.add_parser("orders", help="the orders, oldest first, and what came of each")
    orders.add_argument("--state", choices=STATES)
    order = acts.add_parser(
        "order", help="order files away that nothing needs; needs a token for an operator"
    )
    order.add_argument("run_ids", nargs="+", metavar="RUN")
    order.add_argument("--reason", required=True, help="why they are not needed; auditors read it")
    order.add_argument(
        "--days", type=int, choices=(7, 30), default=7,
        help="in which it may be taken back; at once is for people in the browser",
    )  # fmt: skip
    back = acts.add_parser("withdraw", help="take an order back that was not carried out")
    back.add_argument("order_id")
    for act, run in (
        (listed, run_list), (orders, run_orders), (order, run_order), (back, run_withdraw),
    ):  # fmt: skip
        act.add_argument("--json", action="store_true")
        act.set_defaults(run=run)


def run_list(arguments: argparse.Namespace) -> int:
    """Print the runs whose files are kept, every page of them."""
    spare = "true" if arguments.spare else None
    found = list(client.every(PATH, "runs", spare=spare, limit=200))
    if arguments.json:
        print(json.dumps({"runs": found}, indent=1))
        return 0
    for each in found:
        print(kept_line(each))
    if not found:
        print("Nothing is kept that nothing needs." if arguments.spare else "Nothing was weighed.")
    return 0


def run_orders(arguments: argparse.Namespace) -> int:
    """Print the orders, every page of them."""
    found = list(client.every(ORDERS, "orders", state=arguments.state, limit=200))
    return _printed(found, as_json=arguments.json)


def run_order(arguments: argparse.Namespace) -> int:
    """Order files away and print the orders."""
    wanted = {"run_ids": arguments.run_ids, "reason": arguments.reason, "days": arguments.days}
    made = client.post(ORDERS, json.dumps(wanted).encode(), "application/json")
    return _printed(made["orders"], as_json=arguments.json)


def run_withdraw(arguments: argparse.Namespace) -> int:
    """Take an order back and print it."""
    path = f"{ORDERS}/{quote(arguments.order_id, safe='')}/withdraw"
    return _printed([client.post(path, b"{}", "application/json")], as_json=arguments.json)


def kept_line(run: dict[str, Any]) -> str:
    """Return a run in one line: its id, name, size, what it costs a month, and what needs it."""
    size = "size unknown" if run["size"] is None else f"{run['size'] / 1e6:,.1f} MB"
    month = run["a_month"]
    money = f"{month['amount']} {month['currency']} a month" if month else "unpriced"
    needed = f"needed: {'; '.join(run['needed_by'])}" if run["needed_by"] else "nothing needs it"
    waits = f"  order {run['order']} waits" if run["order"] else ""
    return f"{run['run_id']}  {run['name'] or '(no name)'}  {size}  {money}  {needed}{waits}"


def order_line(order: dict[str, Any]) -> str:
    """Return an order in one line: state, id, run, when it is due, why, and what came of it."""
    due = f"due {order['due_at'][:10]}" if order["state"] == "ordered" else order["outcome"]
    name = order["name"] or order["run_id"]
    return f"{order['state']:<9}  {order['id']}  {name}  {due}  {order['reason']}"


def _printed(found: list[dict[str, Any]], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"orders": found}, indent=1))
        return 0
    for each in found:
        print(order_line(each))
    if not found:
        print("No orders.")
    return 0
