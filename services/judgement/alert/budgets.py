"""Looking at budgets: what is crossed is raised once, what is over is resolved, and people are told."""

from services.judgement.alert import repository
from services.judgement.alert.looking import LOCK, Looking
from services.judgement.alert.overspent import moves_of, without
from services.judgement.alert.planning import Move
from services.judgement.alert.types import BUDGET, Alert
from services.judgement.spending.rules import WHOLE
from services.judgement.spending.service import Spending
from services.judgement.spending.types import Standing
from services.kernel.identity import SYSTEM
from services.record.storage.alone import alone
from services.record.trail.unit_of_work import Store, UnitOfWork


class BudgetAlerts:
    """Holds every budget against what was spent; the same look twice changes nothing."""

    def __init__(self, store: Store, spending: Spending, alerts: Looking) -> None:
        self._store, self._spending, self._alerts = store, spending, alerts

    def look(self) -> list[Alert]:
        """Look at every budget; return the alerts that changed.

        Notes
        -----
        It looks first and writes only where something must change; then it plans again alone, so that
        of two who look at the same moment one raises and the other finds it raised. Event
        ``budget:exceeded`` when nothing is left.
        """
        now = self._store.clock.now()
        with self._store.reading() as session:
            standings = self._spending.all(session)
            known = repository.of_budgets(session)
        ids = [each.budget.budget_id for each in standings]
        wanted = [*without(known, ids, now)]
        for each in standings:
            wanted += moves_of(each, _of(each, known), now)
        if not wanted:
            return []
        with self._store.unit(SYSTEM) as unit:
            alone(unit.session, LOCK)
            known = repository.of_budgets(unit.session)
            changed = [self._alerts.apply(unit, each) for each in without(known, ids, unit.now)]
            for standing in standings:
                moves = moves_of(standing, _of(standing, known), unit.now)
                changed += [self._applied(unit, standing, move) for move in moves]
            return changed

    def _applied(self, unit: UnitOfWork, standing: Standing, move: Move) -> Alert:
        if move.event == "raised" and move.alert.rule == f"spent {WHOLE} %":
            unit.event(
                "budget:exceeded",
                ("budget", standing.budget.budget_id),
                period=standing.label,
                spent=standing.spent.decimal,
                amount=standing.budget.amount.decimal,
                currency=standing.budget.amount.currency,
                stops=standing.budget.stops,
            )
        return self._alerts.apply(unit, move)


def _of(standing: Standing, known: list[Alert]) -> list[Alert]:
    return [each for each in known if each.monitor_id == f"{BUDGET}{standing.budget.budget_id}"]
