"""Adding to the ledger, and what it comes to."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlmodel import Session

from services.facts.cost import repository, rules
from services.facts.cost.types import Added, Entry, Line, Spent, Total
from services.kernel.error import InvalidInput, NotFound
from services.kernel.money import Money
from services.kernel.period import Period
from services.record.canonical import digest
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
        ready = rules.checked(entries)
        known = repository.by_source(unit.session, [each.source_id for each in ready])
        fresh = [each for each in ready if each.source_id not in known]
        contradicting = tuple(
            each.source_id
            for each in ready
            if each.source_id in known and not _same(each, known[each.source_id].entry)
        )
        self._refuse_unknown(unit.session, fresh)
        if fresh:
            seq = unit.event(action, _subject(fresh), **_words(fresh))
            repository.add(unit.session, fresh, unit.now, seq)
        return Added(len(fresh), len(ready) - len(fresh), contradicting)

    def of_ticket(self, session: Session, ticket_id: str) -> list[Line]:
        """Return the lines of a ticket, oldest first."""
        return repository.of_ticket(session, ticket_id)

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
            Of ``model team kind ticket environment sku``.

        Raises
        ------
        InvalidInput
            When a group is none of these.

        Notes
        -----
        A group whose lines have no price at all is no total: ask :meth:`unpriced` beside it.
        """
        self._refuse_group(by)
        where = [repository.within(period.start, period.end), *repository.about(model, team)]
        return repository.totals(session, by, *where)

    def unpriced(
        self, session: Session, period: Period, by: Sequence[str] = ()
    ) -> dict[tuple[str, ...], int]:
        """Return how many lines of a period have no price, by group; groups without any are left out."""
        self._refuse_group(by)
        return repository.unpriced(session, by, repository.within(period.start, period.end))

    def spent(
        self,
        session: Session,
        currency: str,
        period: Period | None = None,
        *,
        model: str = "",
        team: str = "",
        ticket_id: str = "",
    ) -> Spent:
        """Return what a model, a team or a ticket spent.

        Parameters
        ----------
        period
            None for all time.
        """
        where = repository.about(model, team, ticket_id)
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

    def _refuse_unknown(self, session: Session, entries: Sequence[Entry]) -> None:
        own = {each.source_id for each in entries}
        asked = sorted({each.corrects for each in entries if each.corrects} - own)
        missing = set(asked) - set(repository.by_source(session, asked))
        if missing:
            raise NotFound(f"There is no cost {min(missing)!r} to correct.")


def _same(one: Entry, other: Entry) -> bool:
    """Tell whether two lines of one source say the same; prices may have changed since."""
    return (one.use, one.bearer, one.starts_at, one.ends_at) == (
        other.use, other.bearer, other.starts_at, other.ends_at,
    )  # fmt: skip


def _subject(entries: Sequence[Entry]) -> tuple[str, str]:
    tickets = {each.bearer.ticket_id for each in entries}
    models = {each.bearer.model for each in entries}
    if len(tickets) == 1 and (ticket := min(tickets)):
        return "ticket", ticket
    if len(models) == 1 and (model := min(models)):
        return "model", model
    return "ledger", "default"


def _words(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return what the trail says of a batch: how many, how much, and the digest of its rows."""
    sums: dict[str, Money] = {}
    for each in entries:
        if each.amount is not None:
            known = sums.get(each.amount.currency, Money.none(each.amount.currency))
            sums[each.amount.currency] = known + each.amount
    return {
        "rows": len(entries),
        "unpriced": sum(each.amount is None for each in entries),
        "amounts": {currency: amount.decimal for currency, amount in sorted(sums.items())},
        "sha256": digest([_row(each) for each in entries]),
    }


def _row(entry: Entry) -> list[Any]:
    bearer, amount = entry.bearer, entry.amount
    return [
        entry.source_id, entry.kind.value, entry.use.sku, entry.use.unit, entry.use.quantity,
        amount.decimal if amount else None, amount.currency if amount else None, bearer.model,
        bearer.version, bearer.run_id, bearer.team, bearer.ticket_id, bearer.environment,
        entry.starts_at, entry.ends_at, entry.price_id, entry.estimated, entry.corrects, entry.kwh,
    ]  # fmt: skip
