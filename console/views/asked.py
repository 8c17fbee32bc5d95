"""Versions in production that a rule asks somebody to review, because a limit was crossed."""

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import ago
from console.views.alerts import AlertRow, row_of
from services.people.account.types import Principal
from services.standards.authority.types import Action

if TYPE_CHECKING:
    from services.bootstrap.services import Services
    from services.judgement.alert.types import Alert


@dataclass(frozen=True, slots=True)
class AskedRow:
    """One version to review, and what crossed its limit, the worst first."""

    model: str
    label: str
    since: str
    urgent: bool
    alerts: tuple[AlertRow, ...]


def load(services: "Services", session: Session, principal: Principal) -> tuple[AskedRow, ...]:
    """Return what this person, who owns or validates the model, is asked to review.

    Notes
    -----
    Nothing is stored: it is asked as long as the alert is open, looked at or put aside, and until a
    review of the model was requested after it. So it ends with what asked for it.
    """
    asking = [each for each in services.alerts.open(session) if str(each.then) == "review"]
    if not asking:
        return ()
    mine = _mine(services, session, principal)
    by_label: dict[tuple[str, str], list[Alert]] = defaultdict(list)
    for each in asking:
        if each.ref.name in mine and not _reviewed(services, session, each):
            by_label[each.ref.name, each.ref.label].append(each)
    return tuple(
        _row(services, name, label, its) for (name, label), its in sorted(by_label.items())
    )


def _mine(services: "Services", session: Session, principal: Principal) -> set[str]:
    permits = services.authority.permits
    return {
        each.name
        for each in services.governance.all(session)
        if each.owner_id == principal.person_id
        or permits(principal, Action.CLAUSE_EXCUSE, model=each.name, team=each.team_id)
    }


def _reviewed(services: "Services", session: Session, alert: "Alert") -> bool:
    """Tell whether a review of the model was requested since the limit was crossed."""
    found = services.reviews.list(session, model=alert.ref.name)
    made = (each for each in found if str(each.state) != "withdrawn")
    return any(each.requested_at >= alert.raised_at for each in made)


def _row(services: "Services", name: str, label: str, its: "list[Alert]") -> AskedRow:
    its = sorted(its, key=lambda each: (-each.severity.rank, each.raised_at))
    first = min(each.raised_at for each in its)
    since = ago(first, services.clock.now())
    critical = str(its[0].severity) == "critical"
    return AskedRow(name, label, since, critical, tuple(row_of(services, each) for each in its))
