"""Looking at production: what fires is raised, what is calm is resolved, and people are told."""

from typing import Any

from sqlmodel import Session

from services.facts.window.service import Windows
from services.facts.window.types import Monitor, WindowMetric
from services.judgement.alert import repository
from services.judgement.alert.judging import Judged, Judging, Look, quick
from services.judgement.alert.planning import Key, Move, planned, resolved
from services.judgement.alert.telling import Telling
from services.judgement.alert.types import OPEN, Alert, AlertState
from services.judgement.alert.words import recorded
from services.kernel.error import NotFound
from services.kernel.identity import SYSTEM, Tier
from services.record.storage.alone import alone
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.authority.rules import Authority
from services.standards.channel.service import Channels
from services.standards.governance.service import Governance
from services.standards.policy.service import Policies
from services.standards.policy.types import Policy

ALIAS = "champion"
LOCK = "alerts"


class Looking:
    """Holds every watched version against its policy; the same look twice changes nothing."""

    def __init__(
        self,
        store: Store,
        tasks: Tasks,
        authority: Authority,
        governance: Governance,
        policies: Policies,
        *,
        windows: Windows,
        judging: Judging,
        channels: Channels,
    ) -> None:
        self._store, self._authority = store, authority
        self._governance, self._policies, self._windows = governance, policies, windows
        self._telling = Telling(tasks, channels)
        self._judging = judging

    def look(self, *, hurried: bool = False) -> list[Alert]:
        """Look at every version that serves; return the alerts that changed.

        Parameters
        ----------
        hurried
            Only at what is looked at every minute: silence, and windows of five minutes.
        """
        with self._store.reading() as session:
            serving = self._windows.monitors(session)
            held = repository.find(session, states=OPEN)
        ids = {each.monitor_id for each in serving}
        over = [each for each in held if each.monitor_id not in ids and not each.is_of_budget]
        changed = [self._end(each) for each in over]
        for monitor in serving:
            changed += self.judge(monitor, hurried=hurried)
        return [each for each in changed if each is not None]

    def judge(self, monitor: Monitor, *, hurried: bool = False) -> list[Alert]:
        """Hold one version against its policy; return the alerts that changed.

        Notes
        -----
        It looks first and writes only where something must change; then it looks again alone, so that
        of two who look at the same moment one raises and the other finds it raised.
        """
        with self._store.reading() as session:
            wanted = self._moves(session, monitor, hurried=hurried)
            due = self._due(session, monitor)
        changed: list[Alert] = []
        if wanted:
            with self._store.unit(SYSTEM) as unit:
                alone(unit.session, LOCK)
                moves = self._moves(unit.session, monitor, hurried=hurried)
                changed = [self.apply(unit, each) for each in moves]
        if due:
            with self._store.operational() as session:
                for alert, count in due:
                    self._telling.tell(session, alert, "reminder", f":{count}")
        return changed

    def judgements(self, session: Session, monitor: Monitor) -> Judged:
        """Return what each rule says now about each of its series, as an alert would be judged."""
        found = self._policy(session, monitor.ref.name)
        if found is None:
            return []
        policy, tier = found
        rules = policy.watch.rules_for(tier)
        known = repository.latest(session, monitor.ref.name)
        now = self._store.clock.now()
        look = Look(session, monitor, policy.watch.label_days, known, now)
        return self._judging.judge(look, rules)

    # inside

    def _moves(self, session: Session, monitor: Monitor, *, hurried: bool) -> list[Move]:
        found = self._policy(session, monitor.ref.name)
        if found is None:
            return []
        policy, tier = found
        rules = policy.watch.rules_for(tier)
        asked = [rule for rule in rules if quick(rule)] if hurried else rules
        known: dict[Key, Alert] = {
            each.key: each
            for each in repository.latest(session, monitor.ref.name)
            if each.ref.version == monitor.ref.version
        }
        now = self._store.clock.now()
        days = policy.watch.label_days
        judged = self._judging.judge(Look(session, monitor, days, list(known.values()), now), asked)
        return planned(monitor, policy.sha256, rules, judged, known, now)

    def _policy(self, session: Session, name: str) -> tuple[Policy, Tier] | None:
        """Return the policy of a model and its tier; None where nobody governs it or none applies."""
        model = self._governance.of(session, name)
        if model is None:
            return None
        try:
            places = tuple(model.jurisdictions)
            return self._policies.choose(session, model.tier, ALIAS, places), model.tier
        except NotFound:
            return None

    def _end(self, alert: Alert) -> Alert | None:
        """Resolve an alert whose version serves no more."""
        with self._store.unit(SYSTEM) as unit:
            alone(unit.session, LOCK)
            now = repository.by_id(unit.session, alert.alert_id)
            if now is None or not now.is_open:
                return None
            return self.apply(unit, Move("resolved", resolved(now, "version ended", unit.now)))

    def apply(self, unit: UnitOfWork, move: Move, **more: Any) -> Alert:
        """Write down how an alert stands from now on, with its event, and ask that people be told."""
        alert = move.alert
        payload = recorded(alert) if move.event == "raised" else {"state": alert.state, **more}
        if alert.how:
            payload["how"] = alert.how
        if alert.snoozed_until:
            payload["until"] = alert.snoozed_until
        word = "raised" if move.event == "reminder" else move.event
        seq = unit.event(f"alert:{word}", ("alert", alert.alert_id), **payload)
        repository.write(unit, alert, seq)
        which = f":woken-{seq}" if move.event == "reminder" else ""
        self._telling.tell(unit.session, alert, move.event, which)
        return alert

    def _due(self, session: Session, monitor: Monitor) -> list[tuple[Alert, int]]:
        found = self._policy(session, monitor.ref.name)
        if found is None:
            return []
        raised = repository.find(session, model=monitor.ref.name, states=(AlertState.RAISED,))
        hours = found[0].watch.reminds_after(found[1])
        return self._telling.due(session, raised, hours, self._store.clock.now())

    def _newest_breach(self, session: Session, alert: Alert) -> WindowMetric | None:
        """Return the newest window that is known to be beyond the limit of an alert."""
        if alert.is_of_budget:
            return None
        monitor = self._windows.monitor(session, alert.monitor_id)
        judged = {each.key: each for _, each in self.judgements(session, monitor)}
        found = judged.get(alert.key)
        return found.breaches[-1] if found and found.breaches else None
