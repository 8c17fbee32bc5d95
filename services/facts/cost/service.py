"""Adding to the ledger, and what it comes to."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session

from services.facts.cost import days, quantities, repository, rules, telling
from services.facts.cost.quantities import Quantity
from services.facts.cost.types import Added, Entry, Line, Spent, Total
from services.kernel.error import InvalidInput, NotFound
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
        return self.add_checked(unit, rules.checked(entries), action=action)

    def add_checked(self, unit: UnitOfWork, ready: Sequence[Entry], *, action: str) -> Added:
        """Add lines that :func:`services.facts.cost.rules.checked_one` returned, each source once."""
        known = repository.by_source(unit.session, [each.source_id for each in ready])
        fresh = [each for each in ready if each.source_id not in known]
        contradicting = tuple(
            each.source_id
            for each in ready
            if each.source_id in known and not _same(each, known[each.source_id].entry)
        )
        corrected = self._corrected(unit.session, fresh)
        if fresh:
            seq = unit.event(action, telling.subject(fresh), **telling.words(fresh))
            repository.add(unit.session, fresh, unit.now, seq)
            days.add(unit.session, fresh, corrected)
            quantities.add(unit.session, fresh)
        return Added(len(fresh), len(ready) - len(fresh), contradicting)

    def known(self, session: Session, sources: Sequence[str]) -> set[str]:
        """Return of some sources those whose line is there."""
        return set(repository.by_source(session, sources))

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
        """Return what whole days in UTC come to in units, by ``model team kind``.

        Raises
        ------
        InvalidInput
            For another group, or a period that begins or ends within a day.
        """
        if not days.are_whole(period.start, period.end, by):
            raise InvalidInput("Units are added up by model, team and kind over whole days in UTC.")
        return quantities.totals(session, period.start, period.end, by, model=model, team=team)

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
            Of ``model team kind ticket environment experiment sku``.

        Raises
        ------
        InvalidInput
            When a group is none of these.

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

    def _corrected(self, session: Session, entries: Sequence[Entry]) -> list[Entry]:
        """Return the lines without a price that are corrected for the first time.

        Raises
        ------
        NotFound
            When a correction is of a line that is not there.
        """
        own = {each.source_id: each for each in entries}
        asked = sorted({each.corrects for each in entries if each.corrects})
        there = {
            source: line.entry for source, line in repository.by_source(session, asked).items()
        }
        missing = [source for source in asked if source not in own and source not in there]
        if missing:
            raise NotFound(f"There is no cost {missing[0]!r} to correct.")
        before = repository.corrected_already(session, asked)
        first = [{**own, **there}[source] for source in asked if source not in before]
        return [each for each in first if each.amount is None]


def _same(one: Entry, other: Entry) -> bool:
    """Tell whether two lines of one source say the same.

    Of what we worked out ourselves the amount may differ, since prices may have changed; of what was
    billed it may not.
    """
    if not one.estimated and one.amount != other.amount:
        return False
    return (one.use, one.bearer, one.starts_at, one.ends_at) == (
        other.use, other.bearer, other.starts_at, other.ends_at,
    )  # fmt: skip
