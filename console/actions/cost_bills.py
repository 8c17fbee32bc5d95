"""What the tab Bills does: import a file, and say what a bill pays for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from services.kernel.error import InvalidInput
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.facts.cost.imported import Imported

LARGEST = 8
"""MiB that are read while the person waits; larger files go by the command line."""


def take(
    services: "Services",
    principal: Principal,
    form: str,
    file: tuple[str, bytes] | None,
    currency: str = "",
) -> str:
    """Import a file; return the word of thanks.

    Raises
    ------
    NotPermitted
        When this person is no operator.
    InvalidInput
        When there is no file, it is too large, or it cannot be read.
    """
    services.authority.require(principal, Action.PRICE_PUBLISH)
    if file is None:
        raise InvalidInput("Choose a file first.")
    name, data = file
    if len(data) > LARGEST << 20:
        raise InvalidInput(
            f"Here a file has {LARGEST} MiB at most; use: countersign cost import {form} FILE."
        )
    found = services.cost_imports.take_bytes(
        principal.actor, form, name, data, currency=currency if form == "opencost" else ""
    )
    services.reconciliations.renew(principal.actor)
    return _words(found)


def cover(services: "Services", principal: Principal, payer: str, covers: Sequence[str]) -> str:
    """Say what a bill pays for; return the word of thanks."""
    services.reconciliations.declare(principal, payer, covers)
    if not covers:
        return f"{payer} pays for nothing of ours; what was taken back is given back."
    return f"{payer} pays for {', '.join(covers)}; nothing of it is counted twice."


def _words(found: "Imported") -> str:
    if found.known_since is not None:
        return f"{found.name} is known since {found.known_since:%Y-%m-%d}; nothing was stored."
    restated = f" ({found.restated:,} restated, and corrected)" if found.restated else ""
    said = f"{found.new:,} lines stored, {found.known:,} known already{restated}"
    return f"{said}, {found.refusals:,} rows refused." if found.refusals else f"{said}."
