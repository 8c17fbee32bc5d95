"""What tickets may cost and do cost, by the prices and the policy in force."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sqlmodel import Session

from services.decisions.recipe.types import Recipe
from services.decisions.retraining import quoting
from services.decisions.retraining.affording import Budget, refusal
from services.decisions.retraining.quoting import Plan, Power
from services.decisions.retraining.service import Tickets
from services.decisions.retraining.types import Attempt, Quote, Ticket
from services.facts.cost import energy, rules
from services.facts.cost.service import Ledger
from services.facts.cost.types import Allocation, AttemptUse, Bearer, CostKind
from services.kernel.clock import Clock
from services.kernel.money import Money, Rate
from services.kernel.period import Period
from services.record.trail.unit_of_work import UnitOfWork
from services.standards.grid.service import Grids
from services.standards.policy.types import Policy
from services.standards.price.service import Prices
from services.standards.price.types import Market, Term
from services.workflows.engine.types import Status
from services.workflows.retraining.allowances import Allowances
from services.workflows.retraining.guarding import Cap
from services.workflows.retraining.ports import Rules

HOUR = Decimal(3600)
GRACE = 10.0


class PolicySource(Protocol):
    """Where the policy in force is found."""

    def policy(self, session: Session, name: str, alias: str) -> Policy:
        """Return the policy that applies to a model's alias."""
        ...


class TicketCosts:
    """Quotes tickets, tells what an hour costs, charges attempts, and says what the standards allow."""

    def __init__(
        self, clock: Clock, prices: Prices, ledger: Ledger, tickets: Tickets, policies: PolicySource,
        grids: Grids, *, allowances: Allowances,
    ) -> None:  # fmt: skip
        self._clock, self._prices, self._ledger = clock, prices, ledger
        self._tickets, self._policies, self._grids = tickets, policies, grids
        self._allowances = allowances

    def quote(
        self, session: Session, ticket: Ticket, recipe: Recipe, *, spot: bool = False
    ) -> tuple[Quote, str]:
        """Return what a ticket may cost, and why there is no money for it; empty when there is.

        Parameters
        ----------
        spot
            Whether it begins on machines that may be taken away.
        """
        policy, now = self._policy(session, ticket), self._clock.now()
        currency = policy.budget.currency
        held = allocation(recipe)
        rates = self._rates(session, held, currency)
        cheap = self._rates(session, held, currency, spot=True) if spot else None
        past = self._tickets.history(session, ticket.model, recipe.name)
        plan = Plan(
            held, recipe.needs.seconds, recipe.max_attempts, GRACE,
            tuple(each.seconds for each in past), power(held), recipe.needs.on_demand_after,
        )  # fmt: skip
        quoted = quoting.quote(plan, rates, currency, now, spot=cheap)
        spent = self._ledger.spent(session, currency, month_of(now), ordered=True, **_whose(ticket))
        budget = Budget(
            policy.budget.month, policy.budget.ticket, spent, self._reserved(session, ticket)
        )
        quoted = replace(quoted, month=budget.month, left=budget.left)
        against = refusal(quoted, budget) if policy.budget.stop else ""
        return quoted, against or self._allowances.refusal(session, ticket, quoted)

    def per_hour(
        self, session: Session, ticket: Ticket, recipe: Recipe, *, spot: bool = False
    ) -> Money | None:
        """Return what an hour of it costs; None where something has no price."""
        currency = _currency(ticket, self._policy(session, ticket))
        held = allocation(recipe)
        rates = self._rates(session, held, currency, spot=spot)
        return rules.cost(held, HOUR, rates, currency)[0]

    def charge(
        self, unit: UnitOfWork, ticket: Ticket, recipe: Recipe, attempt: Attempt, status: Status
    ) -> Money | None:
        """Write what an attempt used into the ledger, once; return it, None where it has no price."""
        currency = _currency(ticket, self._policy(unit.session, ticket))
        began = status.started_at or attempt.started_at
        if began is None:
            return Money.none(currency)
        held = allocation(recipe)
        used = AttemptUse(
            attempt_id=attempt.attempt_id,
            bearer=Bearer(
                ticket.model,
                None,
                ticket.run_id,
                ticket.team or "",
                ticket.ticket_id,
                attempt.engine,
                ticket.model,
            ),
            allocation=held,
            started_at=began,
            ended_at=max(began, status.finished_at or unit.now),
            kind=CostKind.SEARCH if recipe.search else CostKind.TRAINING,
        )
        rates = self._rates(unit.session, held, currency, spot=attempt.spot)
        entries = rules.of_attempt(used, rates)
        drawn = energy.estimated(entries, *_shares(status, held))
        entries = energy.noted(entries, drawn, self._grids.rate(unit.session, "", began))
        self._ledger.add(unit, entries)
        total = Money.none(currency)
        for each in entries:
            if each.amount is None or each.amount.currency != currency:
                return None
            total += each.amount
        return total

    def standing(self, session: Session, ticket: Ticket, recipe: Recipe) -> Rules:
        """Return what the standards say of a ticket while it runs."""
        policy = self._policy(session, ticket)
        caps = [*self._own(ticket, policy), *self._months(session, ticket, policy)]
        quote = ticket.quote
        return Rules(
            caps=tuple(caps),
            hard=self._allowances.caps(session, ticket, _currency(ticket, policy)),
            stops=policy.budget.stop,
            stops_idle=policy.retraining.stop_idle,
            gpu_hours=quote.gpu_hours if quote and quote.gpu_hours else None,
            wall_seconds=recipe.max_attempts * (recipe.needs.seconds + GRACE),
            trusted=policy.trusted,
        )

    # inside

    def _own(self, ticket: Ticket, policy: Policy) -> list[Cap]:
        worst = ticket.quote.worst if ticket.quote else None
        limits = [each for each in (policy.budget.ticket, worst) if each is not None]
        return [Cap("this ticket", each, Money.none(each.currency)) for each in limits]

    def _months(self, session: Session, ticket: Ticket, policy: Policy) -> list[Cap]:
        limit, now = policy.budget.month, self._clock.now()
        if limit is None:
            return []
        period = month_of(now)
        spent = self._ledger.spent(
            session, limit.currency, period, ordered=True, **_whose(ticket)
        ).amount
        mine = self._ledger.spent(session, limit.currency, period, ticket_id=ticket.ticket_id)
        name = f"{ticket.team or ticket.model} in {now:%B}"
        return [Cap(name, limit, spent - mine.amount)]

    def _reserved(self, session: Session, ticket: Ticket) -> tuple[Money | None, ...]:
        """Return what other tickets under way may still cost."""
        found: list[Money | None] = []
        for each in self._tickets.open_ones(session):
            others = each.ticket_id != ticket.ticket_id and _whose(each) == _whose(ticket)
            if not others or each.quote is None:
                continue
            worst = each.quote.worst
            found.append(worst - each.spent if worst and each.spent else worst)
        return tuple(found)

    def _rates(
        self, session: Session, held: Allocation, currency: str, *, spot: bool = False
    ) -> dict[str, Rate | None]:
        market = Market(term=Term.SPOT if spot else Term.ON_DEMAND)
        return self._prices.rates(session, rules.skus(held), self._clock.now(), currency, market)

    def _policy(self, session: Session, ticket: Ticket) -> Policy:
        return self._policies.policy(session, ticket.model, ticket.alias)


def allocation(recipe: Recipe) -> Allocation:
    """Return what an attempt sets aside."""
    needs = recipe.needs
    return Allocation(needs.cpus, needs.memory_gb, needs.gpus, needs.gpu_type)


def power(held: Allocation) -> Power | None:
    """Return what an attempt draws at most; None where the power of its GPUs is not known."""
    found = energy.at_most(held)
    return Power(float(found[0]), found[1]) if found else None


def month_of(now: datetime) -> Period:
    """Return the calendar month of an instant, in UTC."""
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    later = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    return Period(start, later)


def _whose(ticket: Ticket) -> dict[str, str]:
    """Return whose money it is: its team's, or its own where it has none."""
    return {"team": ticket.team} if ticket.team else {"model": ticket.model}


def _shares(status: Status, held: Allocation) -> tuple[Decimal | None, Decimal | None]:
    """Return which shares of its processors and of its GPUs an attempt used; None where nobody says."""
    usage = status.usage
    if usage is None:
        return None, None
    cpus = usage.cpu_seconds
    wall = usage.wall_seconds * held.cpus
    used = min(1.0, cpus / wall) if cpus is not None and wall else None
    busy = usage.gpu_busy_share
    return (
        None if used is None else Decimal(str(used)),
        None if busy is None else Decimal(str(busy)),
    )


def _currency(ticket: Ticket, policy: Policy) -> str:
    return ticket.quote.currency if ticket.quote else policy.budget.currency
