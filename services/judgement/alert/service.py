"""Alerts: raised and resolved by looking, acknowledged, snoozed and closed by people."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from services.judgement.alert import repository
from services.judgement.alert.looking import LOCK, Looking
from services.judgement.alert.planning import Move, resolved
from services.judgement.alert.rules import figures
from services.judgement.alert.types import (
    ALERT,
    EXPERIMENT,
    OPEN,
    TEAM,
    TICKET,
    Alert,
    AlertState,
    Figures,
)
from services.kernel.error import InvalidInput, NotFound
from services.kernel.text import clean
from services.people.account.types import Principal
from services.record.canonical import sha256_hex
from services.record.storage.alone import alone
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.authority.types import Action

LONGEST_DAYS = 30


class Alerts(Looking):
    """What crossed a limit in production, who looks at it, and when it was over."""

    # reading

    def by_id(self, session: Session, alert_id: str, at: datetime | None = None) -> Alert:
        """Return one alert, as it stands or stood.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        found = repository.by_id(session, alert_id, at)
        if found is None:
            raise NotFound("There is no such alert.")
        return found

    def open(
        self, session: Session, model: str | None = None, at: datetime | None = None
    ) -> list[Alert]:
        """Return the alerts that are not resolved, worst first, then oldest first."""
        found = repository.find(session, model=model, states=OPEN, at=at)
        return sorted(found, key=lambda each: -each.severity.rank)

    def find(
        self, session: Session, *, model: str | None = None, state: str | None = None
    ) -> list[Alert]:
        """Return alerts, oldest first; ``state`` is one of theirs, or ``open``.

        Raises
        ------
        InvalidInput
            For a state that no alert has.
        """
        if state not in (None, "open", *AlertState):
            raise InvalidInput(
                f"No alert is ever {state!r}; ask for open, or {', '.join(AlertState)}."
            )
        states = OPEN if state == "open" else (AlertState(state),) if state else None
        return repository.find(session, model=model, states=states)

    def history(self, session: Session, alert_id: str) -> list[Alert]:
        """Return how an alert stood from its beginning on, oldest first."""
        return repository.history(session, alert_id)

    def asking(self, session: Session) -> list[Alert]:
        """Return the open alerts that ask people to look at a version again."""
        return [each for each in self.open(session) if each.asks_for_review]

    def figures(
        self, session: Session, since: datetime, models: Collection[str] | None = None
    ) -> Figures:
        """Return how fast faults were found and mended among the alerts raised from an instant on.

        Parameters
        ----------
        models
            Of which models; None: of all.
        """
        found = repository.find(session, since=since)
        return figures([each for each in found if models is None or each.ref.name in models])

    # people

    def acknowledge(self, principal: Principal, alert_id: str, reason: str = "") -> Alert:
        """Say that one looks at it; reminders stop, and those who are paged learn of it.

        Raises
        ------
        NotPermitted
            When this person handles no alerts of the model.
        InvalidTransition
            When it is acknowledged or over already.
        """
        return self._handle(principal, alert_id, "acknowledged", reason)

    def snooze(
        self, principal: Principal, alert_id: str, until: datetime, reason: str = ""
    ) -> Alert:
        """Put it aside until an instant; if it is not calm by then, it is raised again.

        Raises
        ------
        InvalidInput
            When the instant is past, or more than thirty days away.
        """
        days = (until - self._store.clock.now()).total_seconds() / 86_400
        if not 0 < days <= LONGEST_DAYS:
            raise InvalidInput(f"Choose an instant within the next {LONGEST_DAYS} days.")
        return self._handle(principal, alert_id, "snoozed", reason, until)

    def resolve(self, principal: Principal, alert_id: str, reason: str) -> Alert:
        """Close it by hand; the windows known today will not raise it again.

        Raises
        ------
        InvalidInput
            When no reason is given.
        """
        if not reason.strip():
            raise InvalidInput("Say why it is over; the windows do not show it.")
        return self._handle(principal, alert_id, "resolved", reason)

    def _handle(
        self,
        principal: Principal,
        alert_id: str,
        event: str,
        reason: str,
        until: datetime | None = None,
    ) -> Alert:
        text = clean(reason, limit=2000, what="The reason")
        with self._store.unit(principal.actor) as unit:
            alone(unit.session, LOCK)
            alert = self.by_id(unit.session, alert_id)
            model, team = self.about(unit.session, alert)
            self._authority.require(principal, Action.ALERT_HANDLE, model=model, team=team)
            ALERT.check(alert.state, event)
            after = self._handled(unit, alert, AlertState(event), principal.person_id, text)
            if until is not None:
                after = replace(after, snoozed_until=until)
            more = {"reason_sha256": sha256_hex(text.encode())} if text else {}
            return self.apply(unit, Move(event, after), **more)

    def _handled(
        self, unit: UnitOfWork, alert: Alert, state: AlertState, by: str, reason: str
    ) -> Alert:
        if state is not AlertState.RESOLVED:
            return replace(
                alert, state=state, handled_by=by, reason=reason, snoozed_until=None,
                changed_at=unit.now,
            )  # fmt: skip
        over = resolved(alert, "by hand", unit.now, by, reason)
        newest = self._newest_breach(unit.session, alert)
        if newest is None:
            return over
        return replace(over, window_start=newest.start, window_end=newest.end)

    def about(self, session: Session, alert: Alert) -> tuple[str, str | None]:
        """Return the model and the team that a right over an alert is asked about.

        Raises
        ------
        NotFound
            When it is about a model that nobody governs.
        """
        name = alert.ref.name
        if alert.is_of_budget and name.startswith(TEAM):
            return "", name.removeprefix(TEAM)
        if alert.is_of_budget and name.startswith(EXPERIMENT):
            return name.removeprefix(EXPERIMENT), None
        if alert.is_of_budget and name.startswith(TICKET):
            return "", None
        governed = self._governance.of(session, name)
        if governed is None and alert.is_of_budget:
            return name, None
        return name, self._governance.require(session, name).team_id
