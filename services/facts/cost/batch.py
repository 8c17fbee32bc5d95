"""Lines of the ledger side by side: a list a column, so that a million of them are no million objects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from services.facts.cost import rules
from services.facts.cost.types import Bearer, CostKind, Entry, Method, Use
from services.kernel.money import MICRO, Money


class Stored(NamedTuple):
    """A line as its table has it, without when it was added; what most lines do not say is left out."""

    source_id: str
    kind: str
    sku: str
    unit: str
    quantity_micros: int
    currency: str | None
    micros: int | None
    starts_at: datetime
    ends_at: datetime
    estimated: bool
    model: str = ""
    version: int | None = None
    run_id: str = ""
    team: str = ""
    ticket_id: str = ""
    environment: str = ""
    experiment: str = ""
    price_id: str = ""
    corrects: str = ""
    kwh_micros: int | None = None
    kwh_source: str = ""
    kg_micros: int | None = None
    grid_id: str = ""
    requests: int | None = None
    method: str = ""


NAMES = Stored._fields


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lines.

    Attributes
    ----------
    columns
        By the names of :class:`Stored`, all of one length.
    """

    columns: Mapping[str, Sequence[Any]]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Batch":
        """Return entries side by side."""
        rows = [stored(each) for each in entries]
        columns = zip(*rows, strict=True) if rows else [()] * len(NAMES)
        return cls(dict(zip(NAMES, columns, strict=True)))

    @classmethod
    def filled(cls, size: int, columns: Mapping[str, Sequence[Any]]) -> "Batch":
        """Return columns with those that are left out as lines have them that do not say."""
        usual = Stored._field_defaults
        return cls({n: columns[n] if n in columns else [usual[n]] * size for n in NAMES})

    def __len__(self) -> int:
        return len(self.columns["source_id"])

    def __getitem__(self, name: str) -> Sequence[Any]:
        return self.columns[name]

    def only(self, places: Sequence[int]) -> "Batch":
        """Return the lines at some places."""
        if len(places) == len(self):
            return self
        return Batch({n: [column[p] for p in places] for n, column in self.columns.items()})

    def rows(self) -> Iterator[Stored]:
        """Yield the lines one by one, as their table has them."""
        return map(Stored._make, zip(*(self.columns[name] for name in NAMES), strict=True))

    def entries(self) -> Iterator[Entry]:
        """Yield the lines one by one."""
        return map(entry, self.rows())


def stored(entry: Entry) -> Stored:
    """Return a line as its table has it."""
    bearer, use, amount = entry.bearer, entry.use, entry.amount
    return Stored(
        entry.source_id, entry.kind.value, use.sku, use.unit, rules.micros(use.quantity),
        amount.currency if amount else None, amount.micros if amount else None, entry.starts_at,
        entry.ends_at, entry.estimated, bearer.model, bearer.version, bearer.run_id, bearer.team,
        bearer.ticket_id, bearer.environment, bearer.experiment, entry.price_id, entry.corrects,
        _micros(entry.kwh), entry.kwh_source, _micros(entry.kg), entry.grid_id, entry.requests,
        entry.method.value,
    )  # fmt: skip


def entry(row: Any) -> Entry:
    """Return what a row of the table, or :class:`Stored`, says."""
    currency, micros = row.currency, row.micros
    return Entry(
        source_id=row.source_id,
        kind=CostKind(row.kind),
        use=Use(row.sku, row.unit, Decimal(row.quantity_micros) / MICRO),
        amount=Money(currency, micros) if currency and micros is not None else None,
        bearer=Bearer(
            row.model, row.version, row.run_id, row.team, row.ticket_id, row.environment,
            row.experiment,
        ),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        price_id=row.price_id,
        estimated=row.estimated,
        corrects=row.corrects,
        kwh=_whole(row.kwh_micros),
        kwh_source=row.kwh_source,
        kg=_whole(row.kg_micros),
        grid_id=row.grid_id,
        requests=row.requests,
        method=Method(row.method),
    )  # fmt: skip


def _micros(quantity: Decimal | None) -> int | None:
    return rules.micros(quantity) if quantity is not None else None


def _whole(millionths: int | None) -> Decimal | None:
    return Decimal(millionths) / MICRO if millionths is not None else None
