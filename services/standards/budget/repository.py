"""Budget rows in, budgets out."""

from datetime import datetime

from sqlmodel import Session, col, select

from services.kernel.identity import new_id
from services.kernel.money import Money
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.budget.records import BudgetRecord
from services.standards.budget.types import Budget, Scope, Span

R = BudgetRecord
_SAME = ("budget_id", "name", "owner_id", "forecast", "stops", "set_by")


def budgets(session: Session, at: datetime | None = None) -> list[Budget]:
    """Return the budgets that stand, by whose they are, now or at an instant."""
    rows = session.exec(select(R).where(standing(R, at)).order_by(col(R.scope), col(R.name)))
    return [_budget(row) for row in rows]


def history(session: Session, budget_id: str) -> list[Budget]:
    """Return every version of a budget, oldest first."""
    chosen = select(R).where(col(R.budget_id) == budget_id).order_by(col(R.event_seq))
    return [_budget(row) for row in session.exec(chosen)]


def by_id(session: Session, budget_id: str) -> Budget | None:
    """Return a budget that stands, or None."""
    row = session.exec(select(R).where(standing(R), col(R.budget_id) == budget_id)).first()
    return _budget(row) if row else None


def end(unit: UnitOfWork, budget_id: str) -> None:
    """End the standing version of a budget."""
    for row in unit.session.exec(select(R).where(standing(R), col(R.budget_id) == budget_id)):
        close(row, unit.now)
    unit.session.flush()


def write(unit: UnitOfWork, budget: Budget, seq: int) -> Budget:
    """Make this the standing version of a budget."""
    end(unit, budget.budget_id)
    unit.session.add(
        R(
            row_id=new_id(),
            scope=budget.scope,
            span=budget.span,
            currency=budget.amount.currency,
            micros=budget.amount.micros,
            percents=list(budget.percents),
            channels=list(budget.channels),
            valid_from=budget.since,
            event_seq=seq,
            **{name: getattr(budget, name) for name in _SAME},
        )
    )
    unit.session.flush()
    return budget


def _budget(row: BudgetRecord) -> Budget:
    return Budget(
        scope=Scope(row.scope),
        span=Span(row.span),
        amount=Money(row.currency, row.micros),
        percents=tuple(row.percents),
        channels=tuple(row.channels),
        since=row.valid_from,
        **{name: getattr(row, name) for name in _SAME},
    )
