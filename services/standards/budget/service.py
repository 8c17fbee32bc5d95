"""Setting budgets, and ending them."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.kernel.error import NotFound
from services.kernel.identity import Actor, new_id
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.budget import repository
from services.standards.budget.rules import checked
from services.standards.budget.types import Budget, BudgetForm, Scope


class Budgets:
    """What models, teams, experiments and tickets may spend."""

    def __init__(self, store: Store, authority: Authority) -> None:
        self._store, self._authority = store, authority

    def all(self, session: Session, at: datetime | None = None) -> list[Budget]:
        """Return the budgets that stand, by whose they are, now or at an instant."""
        return repository.budgets(session, at)

    def history(self, session: Session, budget_id: str) -> list[Budget]:
        """Return every version of a budget, oldest first."""
        return repository.history(session, budget_id)

    def require(self, session: Session, budget_id: str) -> Budget:
        """Return one budget that stands.

        Raises
        ------
        NotFound
            When there is none of that id, or it was ended.
        """
        found = repository.by_id(session, budget_id)
        if found is None:
            raise NotFound("There is no such budget (any more).")
        return found

    def may_set(self, principal: Principal, scope: Scope, name: str, team: str | None) -> bool:
        """Tell whether a person may set a budget.

        Parameters
        ----------
        team
            Of the model or the ticket; of a team its own id; None for an experiment.
        """
        return self._authority.permits(principal, Action.BUDGET_SET, **_about(scope, name, team))

    def set(self, principal: Principal, form: BudgetForm, team: str | None) -> Budget:
        """Set a budget, or set it anew; event ``budget:set``.

        Raises
        ------
        InvalidInput
            When a part of it cannot be used.
        NotPermitted
            When this person is no operator of what it is about.
        """
        about = _about(form.scope, form.name, team)
        self._authority.require(principal, Action.BUDGET_SET, **about)
        return self.set_as(principal.actor, form)

    def set_as(self, actor: Actor, form: BudgetForm) -> Budget:
        """Set a budget for an actor whose right was asked about already; event ``budget:set``."""
        form = checked(form)
        with self._store.unit(actor) as unit:
            key = (form.scope, form.name, form.span)
            known = [b for b in self.all(unit.session) if (b.scope, b.name, b.span) == key]
            before = known[0] if known else None
            budget = Budget(
                before.budget_id if before else new_id(), form.scope, form.name, form.span,
                form.amount, form.owner_id, form.percents, form.forecast, form.stops, form.channels,
                actor.id, unit.now,
            )  # fmt: skip
            seq = unit.event(
                "budget:set",
                ("budget", budget.budget_id),
                before=_words(before) if before else None,
                after=_words(budget),
            )
            return repository.write(unit, budget, seq)

    def end(self, principal: Principal, budget_id: str, team: str | None) -> None:
        """End a budget; event ``budget:ended``. What was spent stays in the ledger."""
        with self._store.reading() as session:
            known = self.require(session, budget_id)
        about = _about(known.scope, known.name, team)
        self._authority.require(principal, Action.BUDGET_SET, **about)
        self.end_as(principal.actor, budget_id)

    def end_as(self, actor: Actor, budget_id: str) -> None:
        """End a budget for an actor whose right was asked about already; event ``budget:ended``."""
        with self._store.unit(actor) as unit:
            known = self.require(unit.session, budget_id)
            unit.event("budget:ended", ("budget", budget_id), before=_words(known))
            repository.end(unit, budget_id)


def _about(scope: Scope, name: str, team: str | None) -> dict[str, str | None]:
    """Return what a right is asked about; an experiment is asked about as the model of its name."""
    return {"model": "" if scope in (Scope.TEAM, Scope.TICKET) else name, "team": team}


def _words(budget: Budget) -> dict[str, Any]:
    """Return what the trail says of a budget."""
    return {
        "scope": budget.scope.value,
        "name": budget.name,
        "span": budget.span.value,
        "amount": budget.amount.decimal,
        "currency": budget.amount.currency,
        "percents": list(budget.percents),
        "forecast": budget.forecast,
        "stops": budget.stops,
        "owner": budget.owner_id,
        "channels": list(budget.channels),
    }
