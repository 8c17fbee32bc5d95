"""Taking a version out of production."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.decisions.review.forms import SuspendForm
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class SuspendAsked:
    """A filled form that suspends a version; ``goes_to`` is what the page said of the alias."""

    alias: str
    version: int
    goes_to: int | None
    reason: str
    password: str
    key: str


def suspend(
    services: "Services", principal: Principal, name: str, form: SuspendAsked, opened: list[str]
) -> str:
    """Suspend a version in one act; the review's id goes to ``opened``."""
    proof = services.sessions.reauthenticate(principal, form.password)
    asked = SuspendForm(name, form.version, form.alias, form.reason, form.key, form.goes_to)
    opened.append(services.reviews.suspend(principal, proof, asked).review.review_id)
    to = f"goes back to v{form.goes_to}" if form.goes_to else "is removed"
    return f"v{form.version} is suspended; {form.alias} {to}."
