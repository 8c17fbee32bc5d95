"""What a budget may be, and which stretch of the calendar it is about."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.kernel.error import InvalidInput
from services.kernel.money import MICRO
from services.kernel.period import Period
from services.kernel.text import one_line
from services.standards.budget.types import Budget, BudgetForm, Scope, Span

MOST_MICROS = 10**9 * MICRO
HIGHEST_PERCENT = 500
MONTHS = {Span.MONTH: 1, Span.QUARTER: 3, Span.YEAR: 12}
LONGEST = {Scope.MODEL: 256, Scope.TEAM: 60, Scope.EXPERIMENT: 500, Scope.TICKET: 36}


def checked(form: BudgetForm) -> BudgetForm:
    """Return a form as it may be kept: thresholds rising, each once, 100 % among them.

    A ticket is over within a year, so its budget is of one.

    Raises
    ------
    InvalidInput
        When a part of it cannot be used.
    """
    if form.amount.micros <= 0:
        raise InvalidInput("A budget is more than nothing; end it to have none.")
    if form.amount.micros > MOST_MICROS:
        raise InvalidInput("A budget is a thousand million at most.")
    for each in form.percents:
        if not 1 <= each <= HIGHEST_PERCENT:
            raise InvalidInput(f"{each} % is no threshold; write whole numbers, as 50, 80, 100.")
    return replace(
        form,
        span=Span.YEAR if form.scope is Scope.TICKET else form.span,
        name=one_line(form.name, limit=LONGEST[form.scope], what=f"The {form.scope.value}"),
        percents=tuple(sorted({*form.percents, 100})),
        channels=tuple(dict.fromkeys(each.strip() for each in form.channels if each.strip())),
    )


def percents_of(text: str) -> tuple[int, ...]:
    """Return thresholds as people write them: ``50, 80, 100``, with or without %.

    Raises
    ------
    InvalidInput
        When a part is no whole number.
    """
    parts = [each.strip().removesuffix("%").strip() for each in text.split(",") if each.strip()]
    try:
        return tuple(int(each) for each in parts)
    except ValueError as error:
        raise InvalidInput(f"{text!r} are no thresholds; write 50, 80, 100.") from error


def period_of(span: Span, at: datetime) -> Period:
    """Return the month, quarter or year of an instant, in UTC."""
    at, length = at.astimezone(UTC), MONTHS[span]
    first = (at.month - 1) // length * length + 1
    start = datetime(at.year, first, 1, tzinfo=UTC)
    after = at.year * 12 + first - 1 + length
    return Period(start, datetime(after // 12, after % 12 + 1, 1, tzinfo=UTC))


def label_of(span: Span, at: datetime) -> str:
    """Return the period of an instant as people say it: ``November 2026``, ``Q4 2026``, ``2026``."""
    start = period_of(span, at).start
    if span is Span.MONTH:
        return f"{start:%B %Y}"
    return f"Q{(start.month + 2) // 3} {start.year}" if span is Span.QUARTER else str(start.year)


def reaching(
    budgets: Sequence[Budget],
    *,
    model: str = "",
    team: str = "",
    experiment: str = "",
    ticket: str = "",
) -> list[Budget]:
    """Return the budgets that a cost of somebody counts against."""
    whose = {
        Scope.MODEL: model,
        Scope.TEAM: team,
        Scope.EXPERIMENT: experiment,
        Scope.TICKET: ticket,
    }
    return [each for each in budgets if each.name and whose[each.scope] == each.name]
