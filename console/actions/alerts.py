"""What the page of an alert does: acknowledge, put aside, close."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from services.decisions.incident.types import Harm, IncidentForm, Severity
from services.judgement.alert.words import message
from services.kernel.error import InvalidInput
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

MATTERS = {"info": Severity.LOW, "warning": Severity.MEDIUM, "critical": Severity.HIGH}


@dataclass(frozen=True, slots=True)
class Handled:
    """A filled form.

    Attributes
    ----------
    action
        ``acknowledge``, ``snooze``, ``resolve`` or ``incident``.
    hours
        How long it is put aside.
    """

    action: str
    reason: str
    hours: int = 24


def handle(
    services: "Services", principal: Principal, alert_id: str, form: Handled, made: list[str]
) -> str:
    """Do what a person decided about an alert; return the word of thanks.

    Parameters
    ----------
    made
        Takes the id of the incident where one was opened.

    Raises
    ------
    InvalidInput
        When the action is none of these, or a reason is missing where one is needed.
    Conflict
        When somebody was faster.
    """
    alerts = services.alerts
    if form.action == "acknowledge":
        alerts.acknowledge(principal, alert_id, form.reason)
        return "You look at it; reminders stop."
    if form.action == "snooze":
        until = services.clock.now() + timedelta(hours=form.hours)
        alerts.snooze(principal, alert_id, until, form.reason)
        return "Put aside; if it is not calm by then, it is raised again."
    if form.action == "resolve":
        alerts.resolve(principal, alert_id, form.reason)
        return "Closed; the windows known today will not raise it again."
    if form.action == "incident":
        made.append(_incident(services, principal, alert_id, form.reason))
        return "The incident of this alert is open."
    raise InvalidInput("Choose what to do: acknowledge, put aside, close, or open an incident.")


def _incident(services: "Services", principal: Principal, alert_id: str, reason: str) -> str:
    """Open the incident of an alert, or find the one there is; return its id."""
    with services.store.reading() as session:
        alert = services.alerts.by_id(session, alert_id)
    told = message(alert, "raised")
    form = IncidentForm(
        alert.ref.name, alert.ref.version, told.title, reason.strip() or told.text,
        MATTERS[alert.severity.value], Harm.UNKNOWN, aware_at=alert.raised_at,
    )  # fmt: skip
    return services.incidents.from_alert(principal, alert_id, form).incident_id
