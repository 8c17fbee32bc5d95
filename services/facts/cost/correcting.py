"""When more becomes known of what was charged already: the difference, as lines of its own."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from services.facts.cost.types import Entry, Line
from services.kernel.money import Money

COMPARED = "reconciled:"
_AGAIN = re.compile(r":v\d+$")
Identity = tuple[object, ...]


@dataclass
class Standing:
    """A line that corrects none, with all that corrects it.

    Attributes
    ----------
    lines
        In the order they were added, the line itself first.
    """

    lines: list[Entry] = field(default_factory=list[Entry])

    @property
    def first(self) -> Entry:
        """Return the line itself."""
        return self.lines[0]

    @property
    def base(self) -> str:
        """Return the source without the number of its repetition."""
        return _AGAIN.sub("", self.first.source_id)

    @property
    def quantity(self) -> Decimal:
        """Return what is left of its quantity."""
        return sum((each.use.quantity for each in self.lines), Decimal(0))

    @property
    def amounts(self) -> dict[str, Money]:
        """Return what is left of its money, by currency; empty while it has no price."""
        found: dict[str, Money] = {}
        for each in self.lines:
            if each.amount is not None:
                currency = each.amount.currency
                found[currency] = found.get(currency, Money.none(currency)) + each.amount
        return found

    @property
    def is_live(self) -> bool:
        """Tell whether anything is left of it, or nothing was ever taken."""
        if len(self.lines) == 1 or not self.is_priced:
            return True
        return bool(self.quantity) or any(each.micros for each in self.amounts.values())

    @property
    def bare(self) -> list[Entry]:
        """Return its lines without a price that nothing corrects."""
        corrected = {each.corrects for each in self.lines}
        return [e for e in self.lines if e.amount is None and e.source_id not in corrected]

    @property
    def open(self) -> Entry:
        """Return the line to correct: the last one without a price, else the first."""
        return self.bare[-1] if self.bare else self.first

    @property
    def is_priced(self) -> bool:
        """Tell whether all of it has a price."""
        return not self.bare


def standing(lines: Iterable[Line]) -> list[Standing]:
    """Return lines of the ledger with what corrects them, oldest first.

    What a comparison with a bill took back is left out: it is compared again when lines change.
    """
    return together(e.entry for e in lines)


def together(lines: Iterable[Entry]) -> list[Standing]:
    """Return entries with what corrects them; see :func:`standing`."""
    entries = [each for each in lines if not each.source_id.startswith(COMPARED)]
    root: dict[str, str] = {each.source_id: each.corrects for each in entries}
    held: dict[str, Standing] = defaultdict(Standing)
    for each in sorted(entries, key=lambda entry: bool(entry.corrects)):
        source = each.source_id
        while root.get(source):
            source = root[source]
        held[source].lines.append(each)
    return [each for each in held.values() if not each.first.corrects]


def difference(
    known: Sequence[Standing], wanted: Sequence[Entry], *, restated: bool = False
) -> list[Entry]:
    """Return the lines that make what stands into what is wanted; none where it is so already.

    Parameters
    ----------
    restated
        Whether amounts count too, since somebody else says them and says them anew.

    Notes
    -----
    A line with a price keeps it: prices that are published later change nothing that was charged. What
    belongs to somebody else now, or was something else, is taken away whole and charged anew.
    """
    found: list[Entry] = []
    by_source = {each.source_id: each for each in wanted}
    matched: set[str] = set()
    for each in (one for one in known if one.is_live):
        want = by_source.get(each.base)
        if (
            want is not None
            and each.base not in matched
            and _identity(each.first) == _identity(want)
        ):
            matched.add(each.base)
            found += _changed(each, want, restated=restated)
        else:
            found += _cancelled(each)
    for want in wanted:
        if want.source_id not in matched:
            repeated = sum(each.base == want.source_id for each in known)
            again = f"{want.source_id}:v{repeated + 1}" if repeated else want.source_id
            found.append(replace(want, source_id=again))
    return found


def _identity(entry: Entry) -> Identity:
    use = entry.use
    return (
        entry.kind, use.sku, use.unit, entry.bearer, entry.starts_at, entry.method, entry.kwh is None,
        entry.kwh_source, entry.grid_id,
    )  # fmt: skip


def _changed(known: Standing, want: Entry, *, restated: bool) -> list[Entry]:
    more = want.use.quantity - known.quantity
    before = known.amounts
    keeps = known.is_priced and not (restated and _says_else(before, want))
    if not more and (keeps or want.amount is None):
        return []
    currency = want.amount.currency if want.amount else ""
    if set(before) - {currency} or (known.is_priced and want.amount is None):
        again = f"{known.base}:v{_number(known) + 1}"
        return [*_cancelled(known), replace(want, source_id=again)]
    amount = want.amount - before.get(currency, Money.none(currency)) if want.amount else None
    return [_correction(known, want, more, amount)]


def _says_else(before: Mapping[str, Money], want: Entry) -> bool:
    amount = want.amount
    return amount is not None and before != {amount.currency: amount}


def _number(known: Standing) -> int:
    found = _AGAIN.search(known.first.source_id)
    return int(found[0][2:]) if found else 1


def _correction(known: Standing, want: Entry, more: Decimal, amount: Money | None) -> Entry:
    lines = known.lines
    return replace(
        want,
        source_id=f"{known.first.source_id}:c{len(lines)}",
        corrects=known.open.source_id,
        use=replace(want.use, quantity=more),
        amount=amount,
        kwh=_less(want.kwh, [each.kwh for each in lines]),
        kg=_less(want.kg, [each.kg for each in lines]),
        requests=_fewer(want.requests, [each.requests for each in lines]),
    )


def _cancelled(known: Standing) -> list[Entry]:
    """Return what takes a line away: of its money in each currency, and of its units once."""
    amounts = known.amounts or {"USD": Money.none("USD")}
    first, lines = known.first, known.lines
    found: list[Entry] = []
    for number, (currency, amount) in enumerate(sorted(amounts.items())):
        left = -known.quantity if not found else Decimal(0)
        found.append(
            replace(
                first,
                source_id=f"{first.source_id}:c{len(lines) + number}",
                corrects=known.open.source_id,
                use=replace(first.use, quantity=left),
                amount=Money.none(currency) - amount,
                price_id=first.price_id if first.amount else "",
                kwh=None if found else _less(None, [each.kwh for each in lines]),
                kg=None if found else _less(None, [each.kg for each in lines]),
                requests=None if found else _fewer(None, [each.requests for each in lines]),
            )
        )
    return found


def _less(want: Decimal | None, held: Sequence[Decimal | None]) -> Decimal | None:
    """Return what is wanted without what stands; None where neither says anything."""
    told = [each for each in held if each is not None]
    if want is None and not told:
        return None
    return (want or Decimal(0)) - sum(told, Decimal(0))


def _fewer(want: int | None, held: Sequence[int | None]) -> int | None:
    told = [each for each in held if each is not None]
    return None if want is None and not told else (want or 0) - sum(told)
