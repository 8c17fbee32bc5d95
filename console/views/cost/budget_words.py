"""One budget in words: its state, its terms, and the picture of what is left."""

from collections.abc import Mapping

from console.figures.burn import Burn
from console.format import short
from console.views.names import Names
from console.views.tickets import amount
from services.decisions.retraining.types import Ticket
from services.judgement.spending.types import Standing
from services.kernel.money import MICRO
from services.standards.budget.types import Budget, Scope


def state_of(standing: Standing) -> tuple[str, str]:
    """Return status and word; what nobody can tell is never green."""
    ahead = standing.forecast
    if standing.is_used_up:
        return "fail", "Used up"
    if ahead is not None and ahead.likely.micros > standing.budget.amount.micros:
        return "stale", "Likely over"
    if not standing.is_whole:
        return "unknown", "Incomplete"
    if ahead is None:
        return "info", "Within, so far"
    if ahead.hi.micros > standing.budget.amount.micros:
        return "info", "Within, not for sure"
    return "pass", "Within"


def left_of(standing: Standing) -> str:
    """Return how much is left, or by how much it is overdrawn."""
    whole = amount(standing.budget.amount)
    if standing.left.micros < 0:
        return f"{amount(standing.spent - standing.budget.amount)} more than {whole} is spent"
    return f"{amount(standing.left)} of {whole} is left"


def ticket_words(ticket: Ticket) -> str:
    """Return a ticket in short: ``flight-delay, nightly, 01a2b3c4``."""
    recipe = f", {ticket.recipe}" if ticket.recipe else ""
    return f"{ticket.model}{recipe}, {short(ticket.ticket_id)}"


def whose_of(budget: Budget, names: Names, ticket: Ticket | None = None) -> str:
    """Return whose money it is: ``Team Lending``."""
    if ticket is not None:
        return f"Ticket {ticket_words(ticket)}"
    if budget.scope is Scope.TEAM:
        return f"Team {names.team(budget.name)}"
    return f"{budget.scope.value.capitalize()} {budget.name}"


def ahead_of(standing: Standing) -> str:
    """Return what the period is likely to come to, with its ends; or that nobody can tell."""
    ahead = standing.forecast
    if ahead is None:
        return "unknown"
    return f"{amount(ahead.likely)} ({amount(ahead.lo)} to {amount(ahead.hi)})"


def facts_of(standing: Standing, names: Names) -> Mapping[str, str]:
    """Return what is known beside the sums, by name."""
    budget, ahead = standing.budget, standing.forecast
    told = ", ".join(f"{each} %" for each in budget.percents)
    way = f"{ahead.method}; four in five end within the interval" if ahead else standing.why
    return {
        "Likely at the end": ahead_of(standing) if ahead else f"unknown. {standing.why}",
        **({"How it is foretold": way} if ahead else {}),
        "People are told at": told + (" and when it is likely to be over" if budget.forecast else ""),
        "When it is used up": "our own trainings and searches stop" if budget.stops else "it is told alone",
        "Answers for it": names.person(budget.owner_id),
        "Channels": ", ".join(budget.channels) or "none; it stands under Alerts",
    }  # fmt: skip


def terms_of(budget: Budget) -> str:
    """Return how it was set, in short."""
    does = "stops" if budget.stops else "tells"
    return f"{amount(budget.amount)} a {budget.span.value}, {does}"


def burn_of(standing: Standing) -> Burn:
    """Return what is left day by day, for the picture."""
    budget, whole = standing.budget, standing.budget.amount.micros
    left: list[float] = []
    gone = 0
    for micros in standing.daily.micros:
        gone += micros
        left.append((whole - gone) / MICRO)
    ahead = standing.forecast.by_day if standing.forecast else ()
    return Burn(
        standing.daily.start,
        (standing.period.end - standing.period.start).days,
        whole / MICRO,
        budget.amount.currency,
        tuple(left),
        tuple(((whole - m) / MICRO, (whole - hi) / MICRO, (whole - lo) / MICRO) for m, lo, hi in ahead),
        tuple((whole * (100 - p) / 100 / MICRO, f"{p} %") for p in budget.percents if p < 100),
    )  # fmt: skip
