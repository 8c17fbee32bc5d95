"""What the tab Savings does: a recommendation is done, dismissed, or taken up again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.kernel.error import InvalidInput
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Decided:
    """A filled form; the action is ``done``, ``dismiss`` or ``reopen``."""

    action: str
    reason: str


def decide(services: "Services", principal: Principal, saving_id: str, form: Decided) -> str:
    """Do what a person decided; return the word of thanks.

    Raises
    ------
    InvalidInput
        When the action is none of these, or a dismissal has no reason.
    NotPermitted
        When this person neither owns nor operates what it is about.
    """
    savings = services.savings
    if form.action == "done":
        savings.done(principal, saving_id, form.reason)
        return "Noted as done; from tomorrow on its cost is compared with what it was before."
    if form.action == "dismiss":
        savings.dismiss(principal, saving_id, form.reason)
        return "Dismissed; it is not recommended again."
    if form.action == "reopen":
        savings.reopen(principal, saving_id, form.reason)
        return "Taken up again."
    raise InvalidInput("A recommendation is done, dismissed or taken up again.")
