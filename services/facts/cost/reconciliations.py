"""Holding bills against the ledger, again whenever something came: what is billed is never counted twice."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session

from services.facts.cost import compared, covering, environments, reconciling, repository
from services.facts.cost.compared import Cover, Place, Reconciled
from services.facts.cost.environments import Side
from services.facts.cost.reconciling import Group, Matched
from services.facts.cost.service import Ledger
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.identity import Actor, new_id
from services.kernel.money import Money
from services.kernel.text import one_line
from services.people.account.types import Principal
from services.record.storage.alone import alone
from services.record.trail.unit_of_work import Store, UnitOfWork

NOTHING = Use("reconciled", "charge", Decimal(0))
BACK = 400
"""So many days back a bill may still be restated."""


class Reconciliations:
    """Compares bills with our own lines of the environments that they pay for.

    Parameters
    ----------
    permit
        Raises NotPermitted for those who may not say what a bill pays for.
    """

    def __init__(self, store: Store, ledger: Ledger, permit: Callable[[Principal], None]) -> None:
        self._store, self._ledger, self._permit = store, ledger, permit

    def covers(self, session: Session) -> dict[str, Cover]:
        """Return what was declared, by billed environment."""
        return compared.covers(session)

    def sides(self, session: Session, since: date, until: date) -> list[Side]:
        """Return what was billed and worked out by month and environment, the newest first."""
        return environments.of_months(session, since, until)

    def latest(
        self, session: Session, since: date, until: date
    ) -> dict[tuple[date, str, str], Reconciled]:
        """Return the last comparison by month, environment and currency."""
        return compared.latest(session, since, until)

    def declare(self, principal: Principal, environment: str, covers: Iterable[str]) -> None:
        """Say which environments of ours a billed one pays for, and compare; event ``cost:covered``.

        Raises
        ------
        NotPermitted
            When this person is no operator.
        InvalidInput
            When an environment pays for one that pays for it.
        """
        self._permit(principal)
        payer = one_line(environment, limit=120, what="The billed environment")
        named = sorted({one_line(each, limit=120, what="An environment") for each in covers})
        with self._store.unit(principal.actor) as unit:
            covering.refuse_circle(payer, named, compared.covers(unit.session))
            seq = unit.event("cost:covered", ("environment", payer), covers=named)
            compared.declare(unit, payer, named, seq)
        self.renew(principal.actor)

    def renew(self, actor: Actor) -> list[Reconciled]:
        """Compare every bill to which, or to whose lines, something was added since; the inner first.

        Notes
        -----
        What names no environment is compared with nothing: nobody knows that both are of the same place.
        """
        today = self._store.clock.now().date()
        since, until = today - timedelta(days=BACK), today + timedelta(days=BACK)
        with self._store.reading() as session:
            places = self._places(session, since.replace(day=1), until)
        return [self._reconcile(actor, place, sizes) for place, sizes in places]

    def _places(
        self, session: Session, since: date, until: date
    ) -> list[tuple[Place, tuple[int, int]]]:
        sides = environments.of_months(session, since, until)
        declared, done = compared.covers(session), compared.latest(session, since, until)
        found: list[tuple[Place, tuple[int, int]]] = []
        named = {each.environment for each in sides} - {""}
        for environment in covering.inner_first(named, declared):
            inner = declared[environment].covers if environment in declared else ()
            covers = tuple(sorted({*inner, environment}))
            for month, currency in sorted(
                {(s.month, s.currency) for s in sides if s.environment == environment}
            ):
                place = Place(environment, month, currency, covers)
                sizes = covering.sizes(place, sides)
                before = done.get((month, environment, currency))
                if currency and covering.is_due(place, sizes, before):
                    found.append((place, sizes))
        return found

    def _reconcile(self, actor: Actor, place: Place, sizes: tuple[int, int]) -> Reconciled:
        with self._store.unit(actor) as unit:
            alone(unit.session, "cost:reconciled")
            bill, own = compared.bill(unit.session, place), compared.own(unit.session, place)
            by_model: dict[str, int] = defaultdict(int)
            for model, micros in own.values() if bill else ():
                by_model[model] += micros
            matched = reconciling.match(bill, by_model)
            self._write(unit, place, matched, own)
            return _noted(unit, place, matched, sizes)

    def _write(
        self,
        unit: UnitOfWork,
        place: Place,
        matched: Matched,
        own: Mapping[str, tuple[str, int]],
    ) -> None:
        taken, lowered = compared.written(unit.session, place)
        batch, entries = new_id(), list[Entry]()
        for group in sorted({*matched.take_back, *taken}):
            micros = matched.take_back.get(group, 0) - taken.get(group, 0)
            if micros:
                entries.append(_back(place, batch, group, micros))
        wanted = _lowered(matched, own)
        changes = {
            source: wanted.get(source, 0) - lowered.get(source, 0) for source in {*wanted, *lowered}
        }
        entries += _lower(unit.session, place, batch, changes)
        self._ledger.add(unit, entries, action="cost:corrected")


def _lower(session: Session, place: Place, batch: str, changes: Mapping[str, int]) -> list[Entry]:
    """Return the lines that take from ours what the bill has less."""
    asked = sorted(source for source, micros in changes.items() if micros)
    lines = repository.by_source(session, asked)
    return [
        Entry(
            source_id=f"{place.key}{batch}:{_digest(source)}",
            kind=line.entry.kind,
            use=NOTHING,
            amount=Money(place.currency, -changes[source]),
            bearer=line.entry.bearer,
            starts_at=line.entry.starts_at,
            ends_at=line.entry.ends_at,
            corrects=source,
        )
        for source, line in sorted(lines.items())
    ]


def _back(place: Place, batch: str, group: Group, micros: int) -> Entry:
    """Return the line that takes from a bill what our own lines stand for."""
    day, model, team, kind = group
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return Entry(
        source_id=f"{place.key}{batch}:{_digest(repr(group))}",
        kind=CostKind(kind),
        use=NOTHING,
        amount=Money(place.currency, -micros),
        bearer=Bearer(model=model, team=team, environment=place.environment),
        starts_at=start,
        ends_at=start + timedelta(days=1),
        estimated=False,
    )


def _lowered(matched: Matched, own: Mapping[str, tuple[str, int]]) -> dict[str, int]:
    """Return by how much each of our lines is lowered."""
    found: dict[str, int] = {}
    for model, micros in matched.lower.items():
        found |= reconciling.share(
            micros, {s: m for s, (whose, m) in own.items() if whose == model}
        )
    return found


def _noted(unit: UnitOfWork, place: Place, matched: Matched, sizes: tuple[int, int]) -> Reconciled:
    taken = sum(matched.take_back.values())
    amounts = {
        name: Money(place.currency, micros).decimal
        for name, micros in (
            ("billed", matched.billed), ("estimated", matched.estimated),
            ("explained", matched.explained), ("unallocated", matched.unallocated),
            ("difference", matched.difference),
        )
    }  # fmt: skip
    seq = unit.event(
        "cost:reconciled", ("environment", place.environment), month=place.month.isoformat(),
        currency=place.currency, covers=list(place.covers), **amounts,
    )  # fmt: skip
    found = Reconciled(
        place.environment, place.month, place.currency, place.covers, matched.billed,
        matched.estimated, matched.tagged, matched.explained, taken, matched.difference, *sizes,
        unit.actor.id, unit.now, seq,
    )  # fmt: skip
    compared.note(unit, found)
    return found


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
