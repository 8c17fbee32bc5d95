"""Taking a version out of production: whether this person may, and where the alias goes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.format import plural
from console.views.decisions import team_of
from console.views.model import ModelHead
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class BrakeOption:
    """An alias and the version that would be suspended on it.

    Attributes
    ----------
    goes_to
        Where the alias goes then; None when it is removed.
    """

    alias: str
    version: int
    goes_to: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Brake:
    """What this person may suspend, and the incidents of the model that are open.

    Attributes
    ----------
    why
        Why nothing may be suspended; empty when something may.
    asked
        Whether the address asks for the form; it stands in the place of the way back then.
    """

    name: str
    version: int
    why: str
    options: tuple[BrakeOption, ...]
    incidents: str
    may_open: bool
    asked: bool = False


def load(services: "Services", principal: Principal, head: ModelHead, *, asked: bool) -> Brake:
    """Return what this person may suspend of a model."""
    options: list[BrakeOption] = []
    with services.store.reading() as session:
        team = team_of(services, session, head.name)
        found = services.incidents.of_model(session, head.name)
        for alias in services.registry.aliases(session, head.name) if head.governed else ():
            ref = services.registry.champion(session, head.name, alias)
            if ref is not None:
                to = services.reviews.fallback(session, ref, alias)
                words = f"v{ref.version} on {alias}: the alias "
                words += f"goes back to v{to.version}" if to else "is removed"
                options.append(BrakeOption(alias, ref.version, to.version if to else None, words))
    where = {"model": head.name, "team": team}
    may = services.authority.permits(principal, Action.SUSPEND, **where)
    nothing = "" if options else "No alias of this model points at a version."
    why = nothing if may else "An operator or an approver of this model may suspend a version."
    left = sum(each.closed_at is None for each in found)
    return Brake(
        head.name, head.version, why, tuple(options) if may else (),
        plural(left, "open incident") if left else "",
        head.governed and services.authority.permits(principal, Action.INCIDENT_HANDLE, **where),
        asked and may and bool(options),
    )  # fmt: skip
