"""Asking that people be told about an alert: once for each channel and event."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from services.judgement.alert.types import Alert
from services.judgement.alert.words import message
from services.kernel.identity import SYSTEM
from services.record.task.service import Tasks
from services.standards.channel.service import Channels
from services.standards.channel.types import Kind

MOST_TASKS = 200


class Telling:
    """Writes the wishes for messages; a wish with the same key is the same wish."""

    def __init__(self, tasks: Tasks, channels: Channels) -> None:
        self._tasks, self._channels = tasks, channels

    def tell(self, session: Session, alert: Alert, event: str, which: str = "") -> None:
        """Ask for one message to each channel of the alert that there is.

        Parameters
        ----------
        event
            ``raised``, ``reminder``, ``resolved``; ``acknowledged`` is told to pagers alone, and
            ``snoozed`` to nobody.
        which
            Tells one reminder from another.
        """
        for name in self._reached(session, alert, event):
            self._channels.tell(
                session,
                name,
                message(alert, event),
                event=event,
                subject=("alert", alert.alert_id),
                requested_by=SYSTEM.id,
                key=_key(alert, f"{event}{which}", name),
            )

    def due(
        self, session: Session, alerts: Sequence[Alert], hours: int, now: datetime
    ) -> list[tuple[Alert, int]]:
        """Return the alerts that must be told again now, and the how manieth time it is.

        Parameters
        ----------
        alerts
            Those that nobody acknowledged.
        hours
            Between reminders; 0 for never.
        """
        found: list[tuple[Alert, int]] = []
        for alert in alerts if hours else ():
            count = (now - alert.raised_at) // timedelta(hours=hours)
            tasks = self._tasks.of_subject(session, "alert", alert.alert_id, MOST_TASKS)
            told = {task.idempotency_key for task in tasks}
            names = self._reached(session, alert, "reminder")
            if count and {_key(alert, f"reminder:{count}", name) for name in names} - told:
                found.append((alert, count))
        return found

    def _reached(self, session: Session, alert: Alert, event: str) -> list[str]:
        if event == "snoozed":
            return []
        return [
            each.name
            for each in self._channels.all(session)
            if each.enabled
            and each.name in alert.channels
            and (event != "acknowledged" or each.kind is Kind.PAGERDUTY)
        ]


def _key(alert: Alert, event: str, channel: str) -> str:
    return f"notification:{alert.alert_id}:{event}:{channel}"
