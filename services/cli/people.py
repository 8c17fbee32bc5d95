"""``countersign person`` and ``countersign token``: who may come in."""

import argparse
from typing import TYPE_CHECKING, Any

from services.cli import workspace
from services.kernel.error import NotFound
from services.kernel.identity import SYSTEM, Role

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def add(nouns: Any) -> None:
    """Add the commands of these nouns."""
    person = nouns.add_parser("person", help="accounts and sign-in links")
    verbs = person.add_subparsers(dest="verb", required=True)
    link = verbs.add_parser("link", help="print a single-use sign-in link")
    link.add_argument("email")
    link.set_defaults(run=print_link)
    create = verbs.add_parser("create", help="open an account and print its link")
    create.add_argument("email")
    create.add_argument("--name", required=True)
    create.add_argument("--role", action="append", default=[], choices=[r.value for r in Role])
    create.add_argument("--team", action="append", default=[])
    create.set_defaults(run=create_person)
    token = nouns.add_parser("token", help="tokens for machines")
    verbs = token.add_subparsers(dest="verb", required=True)
    made = verbs.add_parser("create", help="print a new token; it is stored nowhere")
    made.add_argument("--scope", action="append", required=True)
    made.add_argument("--name", required=True)
    made.add_argument(
        "--for", dest="person", help="e-mail of the person it may request reviews for"
    )
    made.set_defaults(run=create_token)


def _print_link(services: "Services", person_id: str) -> None:
    token = services.accounts.link(SYSTEM, person_id)
    print(f"{services.settings.console_url}/session/link/{token}")


def _person_id(services: "Services", email: str) -> str:
    with services.store.reading() as session:
        person = services.accounts.by_email(session, email)
    if person is None:
        raise NotFound(f"Nobody has an account under {email}; see 'countersign person create'.")
    return person.person_id


def print_link(arguments: argparse.Namespace) -> int:
    """Print a sign-in link."""
    services = workspace.opened()
    _print_link(services, _person_id(services, arguments.email))
    return 0


def create_person(arguments: argparse.Namespace) -> int:
    """Open an account and print its link."""
    services = workspace.opened()
    person = services.accounts.create(SYSTEM, arguments.email, arguments.name, (), arguments.team)
    for role in arguments.role:
        services.accounts.grant(SYSTEM, person.person_id, role)
    _print_link(services, person.person_id)
    return 0


def create_token(arguments: argparse.Namespace) -> int:
    """Print a new token."""
    services = workspace.opened()
    behalf = _person_id(services, arguments.person) if arguments.person else None
    print(services.tokens.create(SYSTEM, arguments.name, arguments.scope, person_id=behalf))
    return 0
