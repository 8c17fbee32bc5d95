"""Adding to the ledger, and what it comes to."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from services.facts.cost import days, repository, rules
from services.facts.cost.types import Added, Entry, Line, Spent, Total
from services.kernel.error import InvalidInput, NotFound
from services.kernel.money import Money
from services.kernel.period import Period
from services.record.canonical import sha256_hex
from services.record.trail.unit_of_work import UnitOfWork

_TEXT = json.JSONEncoder(ensure_ascii=False).encode


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
            seq = unit.event(action, _subject(fresh), **_words(fresh))
            repository.add(unit.session, fresh, unit.now, seq)
            days.add(unit.session, fresh, corrected)
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
    ) -> Spent:
        """Return what a model, a team, an experiment or a ticket spent.

        Parameters
        ----------
        period
            None for all time.
        """
        where = repository.about(model, team, ticket_id, experiment)
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
        "sha256": sha256_hex("\n".join(_row(each) for each in entries).encode()),
    }


def _row(entry: Entry) -> str:
    """Return a line as its digest takes it: a JSON list of texts."""
    bearer, amount, kwh = entry.bearer, entry.amount, entry.kwh
    return _TEXT(
        [
            entry.source_id, entry.kind.value, entry.use.sku, entry.use.unit,
            str(rules.micros(entry.use.quantity)), str(amount.micros) if amount else None,
            amount.currency if amount else None, bearer.model, bearer.version, bearer.run_id,
            bearer.team, bearer.ticket_id, bearer.environment, _instant(entry.starts_at),
            _instant(entry.ends_at), entry.price_id, entry.estimated, entry.corrects,
            str(rules.micros(kwh)) if kwh is not None else None,
            *((bearer.experiment,) if bearer.experiment else ()),
        ]
    )  # fmt: skip


@lru_cache(maxsize=8192)
def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
