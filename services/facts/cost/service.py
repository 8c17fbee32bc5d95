"""Adding to the ledger, and what it comes to."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session

from services.facts.cost import adding, days, quantities, repository, rules, units
from services.facts.cost.batch import Batch
from services.facts.cost.quantities import Quantity
from services.facts.cost.types import Added, Entry, Line, Spent, Total
from services.kernel.error import InvalidInput
from services.kernel.money import Money
from services.kernel.period import Period
from services.record.trail.unit_of_work import UnitOfWork


class Ledger:
    """What was spent; it grows and never changes."""

    def add(
        self, unit: UnitOfWork, entries: Iterable[Entry], *, action: str = "cost:recorded"
    ) -> Added:
        """Add lines; what is there already is not added again. One event for the batch.

        Parameters
        ----------
        action
            ``cost:recorded`` for our own jobs, ``cost:imported`` for what others billed,
            ``cost:corrected`` for corrections.

        Raises
        ------
        InvalidInput
            When a line cannot be used; then none is added.
        NotFound
            When a correction is of a line that is not there.
        """
        return adding.add(unit, Batch.of(rules.checked(entries)), action)

    def take(self, unit: UnitOfWork, charges: Batch, sha256: str) -> Added:
        """Add the charges of a file, each source once, and correct those that it states anew.

        Parameters
        ----------
        charges
            As they may be kept; see :func:`services.facts.cost.rules.checked_one`.
        sha256
            Of the file; its events ``cost:imported`` and ``cost:corrected`` name it.
        """
        return adding.take(unit, charges, sha256)

    def known(self, session: Session, sources: Sequence[str]) -> set[str]:
        """Return of some sources those whose line is there."""
        return repository.there(session, sources)

    def of_ticket(self, session: Session, ticket_id: str) -> list[Line]:
        """Return the lines of a ticket, oldest first."""
        return repository.of_ticket(session, ticket_id)

    def of_run(self, session: Session, run_id: str) -> list[Line]:
        """Return the lines of a run of MLflow, in the order they were added."""
        return repository.of_run(session, run_id)

    def of_model(self, session: Session, model: str, period: Period) -> list[Line]:
        """Return the lines of a model that begin in a period, oldest first."""
        return repository.of_model(session, model, period.start, period.end)

    def quantities(
        self,
        session: Session,
        period: Period,
        by: Sequence[str] = (),
        *,
        model: str = "",
        team: str = "",
    ) -> list[Quantity]:
        """Return what whole days in UTC come to in units; for the groups see :meth:`totals`.

        Raises
        ------
        InvalidInput
            When a group is none of these, or the period begins or ends within a day.
        """
        self._refuse_group(by)
        if not days.are_whole(period.start, period.end, ()):
            raise InvalidInput("Units are added up over whole days in UTC.")
        if days.are_whole(period.start, period.end, by):
            return quantities.totals(session, period.start, period.end, by, model=model, team=team)
        where = [repository.within(period.start, period.end), *repository.about(model, team)]
        return units.totals(session, by, *where)

    def totals(
        self,
        session: Session,
        period: Period,
        by: Sequence[str] = (),
        *,
        model: str = "",
        team: str = "",
    ) -> list[Total]:
        """Return what a period comes to by group and currency; a line counts when it begins.

        Parameters
        ----------
        by
            Of ``model team kind version run ticket environment experiment sku``.

        Raises
        ------
        InvalidInput
            When a group is none of these, or there are more than ten thousand of them.

        Notes
        -----
        A group whose lines have no price at all is no total: ask :meth:`unpriced` beside it.
        """
        self._refuse_group(by)
        if days.are_whole(period.start, period.end, by):
            return days.totals(session, period.start, period.end, by, model=model, team=team)[0]
        where = [repository.within(period.start, period.end), *repository.about(model, team)]
        return repository.totals(session, by, *where)

    def unpriced(
        self,
        session: Session,
        period: Period,
        by: Sequence[str] = (),
        *,
        model: str = "",
        team: str = "",
    ) -> dict[tuple[str, ...], int]:
        """Return how many lines of a period have no price, by group; groups without any are left out."""
        self._refuse_group(by)
        if days.are_whole(period.start, period.end, by):
            return days.totals(session, period.start, period.end, by, model=model, team=team)[1]
        where = [repository.within(period.start, period.end), *repository.about(model, team)]
        return repository.unpriced(session, by, *where)

    def spent(
        self,
        session: Session,
        currency: str,
        period: Period | None = None,
        *,
        model: str = "",
        team: str = "",
        ticket_id: str = "",
        experiment: str = "",
        ordered: bool = False,
    ) -> Spent:
        """Return what a model, a team, an experiment or a ticket spent.

        Parameters
        ----------
        period
            None for all time.
        ordered
            Only what tickets ordered: no serving, and no runs of people's own.
        """
        where = repository.about(model, team, ticket_id, experiment)
        if ordered:
            where.append(repository.of_tickets())
        if period is not None:
            where.append(repository.within(period.start, period.end))
        found = {t.amount.currency: t.amount for t in repository.totals(session, (), *where)}
        unpriced = repository.unpriced(session, (), *where).get((), 0)
        mine = found.pop(currency, Money.none(currency))
        return Spent(mine, unpriced, tuple(found.values()))

    def _refuse_group(self, by: Sequence[str]) -> None:
        for name in by:
            if name not in repository.GROUPS:
                known = ", ".join(repository.GROUPS)
                raise InvalidInput(f"{name!r} is nothing to add up by; write one of {known}.")
