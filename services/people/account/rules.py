"""What a person's data must look like."""

import re
from collections.abc import Iterable

from services.kernel.error import InvalidInput
from services.kernel.identity import Role
from services.kernel.text import one_line
from services.people.account.types import SCOPE_KINDS, Grant

_EMAIL = re.compile(r"[^@\s<>\"',;:\\]+@[^@\s<>\"',;:\\]+")
_NAME_LIMIT = 120
_EMAIL_LIMIT = 254


def email_address(text: str) -> str:
    """Return an e-mail address in lower case.

    Raises
    ------
    InvalidInput
        When it has no single ``@`` with something on both sides.
    """
    address = one_line(text, limit=_EMAIL_LIMIT, what="The e-mail address").lower()
    if not _EMAIL.fullmatch(address):
        raise InvalidInput("The e-mail address must look like name@example.org.")
    return address


def full_name(text: str) -> str:
    """Return a printed name: one line, at most 120 characters."""
    return one_line(text, limit=_NAME_LIMIT, what="The name")


def external_names(names: Iterable[str]) -> tuple[str, ...]:
    """Return what other systems call a person, each once, sorted."""
    return tuple(sorted({one_line(each, limit=300, what="An external name") for each in names}))


def grant_of(person_id: str, role: Role | str, scope: tuple[str, str]) -> Grant:
    """Return a grant, checked.

    Raises
    ------
    InvalidInput
        For an unknown role, an unknown kind of scope, or a scope that names nothing.
    """
    kind, scope_id = scope
    try:
        held = Role(role)
    except ValueError as error:
        raise InvalidInput(f"There is no role {role!r}.") from error
    if kind not in SCOPE_KINDS or (kind == "everything") == bool(scope_id):
        raise InvalidInput("A role is held over everything, over one team or over one model.")
    return Grant(person_id, held, kind, scope_id)
