"""What was spent day by day: the ground of budgets and forecasts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from services.facts.cost import repository
from services.facts.cost.records import CostDayRecord, CostEntryRecord
from services.kernel.money import MICRO, Money
from services.kernel.period import Period

D, E = CostDayRecord, CostEntryRecord
DAY = timedelta(days=1)
Row = tuple[date, str, int, int]
"""Day, currency (empty without a price), micro-units, lines without a price."""
Convert = Callable[[Money, datetime], Money | None]


@dataclass(frozen=True, slots=True)
class DailySpend:
    """What one currency comes to on each day of a stretch.

    Attributes
    ----------
    start
        The first day, in UTC.
    micros
        One number a day, without gaps: a day without lines is nothing spent.
    unpriced
        Lines without a price: as long as there are any, the numbers are not all there is.
    elsewhere
        What was spent in other currencies, not in ``micros``.
    """

    start: date
    currency: str
    micros: tuple[int, ...]
    unpriced: int = 0
    elsewhere: tuple[Money, ...] = ()

    @property
    def total(self) -> Money:
        """Return what all days come to."""
        return Money(self.currency, sum(self.micros))

    @property
    def is_whole(self) -> bool:
        """Tell whether the numbers are all there is."""
        return not self.unpriced and not self.elsewhere

    def since(self, first: date) -> "DailySpend":
        """Return the same from a day on; what is unpriced or elsewhere stays counted as a whole."""
        gone = max(0, (first - self.start).days)
        return DailySpend(
            self.start + gone * DAY, self.currency, self.micros[gone:], self.unpriced, self.elsewhere
        )  # fmt: skip


def daily(
    session: Session,
    currency: str,
    period: Period,
    *,
    model: str = "",
    team: str = "",
    experiment: str = "",
    ticket: str = "",
    convert: Convert | None = None,
) -> DailySpend:
    """Return what a model, a team, an experiment, a ticket or everybody spent on each day.

    Parameters
    ----------
    period
        Whole days in UTC.
    convert
        Returns an amount in ``currency`` by the rate of a day, None without one; without this, other
        currencies stay ``elsewhere``.

    Notes
    -----
    Days know models and teams; of an experiment or a ticket the lines themselves are added up.
    """
    if experiment or ticket:
        where = [*repository.about(model, team, ticket, experiment)]
        rows = _of_lines(session, period, where)
    else:
        rows = _of_days(session, period, {"model": model, "team": team})
    if convert is not None:
        rows = _converted(rows, currency, convert)
    return gathered(rows, currency, period)


def gathered(rows: Iterable[Row], currency: str, period: Period) -> DailySpend:
    """Return rows as one number a day."""
    start = period.start.astimezone(UTC).date()
    mine = [0] * (period.end.astimezone(UTC).date() - start).days
    others: dict[str, int] = defaultdict(int)
    unpriced = 0
    for day, held, micros, missing in rows:
        unpriced += missing
        if held == currency:
            mine[(day - start).days] += micros
        elif held:
            others[held] += micros
    elsewhere = tuple(Money(name, each) for name, each in sorted(others.items()))
    return DailySpend(start, currency, tuple(mine), unpriced, elsewhere)


def _converted(rows: Iterable[Row], currency: str, convert: Convert) -> Iterator[Row]:
    for day, held, micros, missing in rows:
        if held not in ("", currency):
            told = convert(Money(held, micros), datetime.combine(day, time.min, UTC))
            if told is not None:
                yield day, currency, told.micros, missing
                continue
        yield day, held, micros, missing


def _of_days(session: Session, period: Period, about: dict[str, str]) -> Iterator[Row]:
    columns = {"model": col(D.model), "team": col(D.team)}
    where = [columns[name] == value for name, value in about.items() if value]
    chosen = (
        sa.select(
            col(D.day),
            col(D.currency),
            sa.func.sum(col(D.micros) // MICRO),
            sa.func.sum(col(D.micros) % MICRO),
            sa.func.sum(col(D.unpriced)),
        )
        .where(col(D.day) >= period.start.date(), col(D.day) < period.end.date(), *where)
        .group_by(col(D.day), col(D.currency))
    )
    for day, currency, whole, rest, unpriced in session.execute(chosen).all():
        yield day, currency, int(whole) * MICRO + int(rest), int(unpriced)


def _of_lines(
    session: Session, period: Period, where: Sequence[sa.ColumnElement[bool]]
) -> Iterator[Row]:
    inside = repository.within(period.start, period.end)
    chosen = sa.select(col(E.starts_at), col(E.currency), col(E.micros)).where(inside, *where)
    for at, currency, micros in session.execute(chosen).all():
        if micros is not None:
            yield _day(at), currency or "", int(micros), 0
    missing = repository.unpriced(session, (), inside, *where).get((), 0)
    if missing:
        yield period.start.astimezone(UTC).date(), "", 0, missing


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
