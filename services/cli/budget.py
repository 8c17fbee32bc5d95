"""``countersign budget``: what models, teams, experiments and tickets may spend."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from services.cli import client, workspace
from services.kernel.error import InvalidInput, NotFound
from services.kernel.money import Money

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.standards.budget.types import BudgetForm

SCOPES, SPANS = ("model", "team", "experiment", "ticket"), ("month", "quarter", "year")


def add(nouns: Any) -> None:
    """Add the commands of this noun."""
    noun = nouns.add_parser("budget", help="what models, teams, experiments and tickets may spend")
    verbs = noun.add_subparsers(dest="verb", required=True)
    listed = verbs.add_parser("list", help="every budget, and what is left; exit 1: one is used up")
    listed.add_argument("--json", action="store_true")
    listed.set_defaults(run=run_list)
    made = verbs.add_parser("set", help="set one in the workspace itself, or set it anew")
    made.add_argument("scope", choices=SCOPES)
    made.add_argument(
        "name", help="of the model or the experiment; the id of the team or the ticket"
    )
    made.add_argument("--amount", required=True, help="as 200.00")
    made.add_argument("--currency", default="USD")
    made.add_argument("--for", dest="span", choices=SPANS, default="month")
    made.add_argument("--owner", required=True, help="e-mail of who answers for it")
    made.add_argument("--percents", default="50,80,100", help="when people are told")
    made.add_argument("--no-forecast", action="store_true", help="do not tell what is likely")
    made.add_argument("--only-tell", action="store_true", help="stop no training or search")
    made.add_argument("--channel", action="append", default=[])
    made.add_argument("--json", action="store_true")
    made.set_defaults(run=run_set)
    over = verbs.add_parser("end", help="end one in the workspace itself")
    over.add_argument("budget_id")
    over.add_argument("--json", action="store_true")
    over.set_defaults(run=run_end)


def run_list(arguments: argparse.Namespace) -> int:
    """Print every budget."""
    found = client.get("/budgets")["budgets"]
    if arguments.json:
        print(json.dumps({"budgets": found}, indent=1))
    else:
        for each in found:
            print(_line(each))
        if not found:
            print("No budget is set.")
    return 1 if any(each["used_up"] for each in found) else 0


def _line(told: dict[str, Any]) -> str:
    ahead, currency = told["forecast"], told["currency"]
    likely = (
        f"likely {ahead['likely']} ({ahead['lo']} to {ahead['hi']})" if ahead else "likely unknown"
    )
    said = f"  {told['unknown']}" if told["unknown"] else ""
    return (
        f"{told['id']}  {told['scope']} {told['name']}  {told['period']}  "
        f"{told['spent']} of {told['amount']} {currency}  {likely}{said}"
    )  # fmt: skip


def run_set(arguments: argparse.Namespace) -> int:
    """Set a budget."""
    from services.kernel.identity import SYSTEM

    services = workspace.opened()
    budget = services.budgets.set_as(SYSTEM, _form(services, arguments))
    told = {"id": budget.budget_id, "percents": list(budget.percents), "stops": budget.stops}
    limit = f"{budget.amount.decimal} {budget.amount.currency} a {budget.span.value}"
    print(json.dumps(told) if arguments.json else f"{budget.budget_id}  {budget.whose}: {limit}")
    return 0


def run_end(arguments: argparse.Namespace) -> int:
    """End a budget."""
    from services.kernel.identity import SYSTEM

    workspace.opened().budgets.end_as(SYSTEM, arguments.budget_id)
    print(json.dumps({"id": arguments.budget_id}) if arguments.json else "It is ended.")
    return 0


def _form(services: "Services", arguments: argparse.Namespace) -> "BudgetForm":
    from services.standards.budget.rules import percents_of
    from services.standards.budget.types import BudgetForm, Scope, Span

    name = str(arguments.name)
    with services.store.reading() as session:
        owner = services.accounts.by_email(session, arguments.owner)
        if owner is None:
            raise NotFound(f"Nobody has an account under {arguments.owner}.")
        if arguments.scope == "model" and services.governance.of(session, name) is None:
            raise InvalidInput(f"Nobody governs a model {name!r}; put it under governance first.")
        if arguments.scope == "team" and services.teams.by_id(session, name) is None:
            raise InvalidInput(f"There is no team {name!r}.")
        if arguments.scope == "ticket":
            services.tickets.get(session, name)
    return BudgetForm(
        Scope(arguments.scope), name, Span(arguments.span),
        Money.parse(arguments.amount, arguments.currency.upper()), owner.person_id,
        percents_of(arguments.percents), not arguments.no_forecast, not arguments.only_tell,
        tuple(arguments.channel),
    )  # fmt: skip
