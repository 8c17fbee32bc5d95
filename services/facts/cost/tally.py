"""What lines come to by everything that is kept beside them, added up once for all of it."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date
from typing import NamedTuple, TypeVar

from services.facts.cost.batch import Batch
from services.facts.cost.dates import day_of
from services.facts.cost.types import Entry, Method

OURS = "reconciled:"
"""How the sources of lines begin that a reconciliation wrote; they are neither bill nor estimate."""
K = TypeVar("K", bound=Hashable)


class Cell(NamedTuple):
    """What lines have in common; the currency is empty for those without a price.

    Attributes
    ----------
    billed
        Whether somebody else says what it cost: what servers reported is measured, and no bill.
    """

    day: date
    model: str
    team: str
    kind: str
    currency: str
    environment: str
    estimated: bool
    compared: bool
    billed: bool


class Sum(NamedTuple):
    """What lines come to: micro-units, how many they are, and how many of them have no price."""

    micros: int
    lines: int
    unpriced: int


Tally = Mapping[Cell, Sum]


def of(batch: Batch, corrected: Iterable[Entry] = ()) -> Tally:
    """Add lines up.

    Parameters
    ----------
    corrected
        Lines without a price that one of them corrects for the first time: no longer unpriced.
    """
    held: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0])
    for key, micros in zip(_keys(batch), batch["micros"], strict=True):
        sums = held[key]
        sums[0] += micros or 0
        sums[1] += 1
    found = {
        Cell._make(key): Sum(micros, lines, 0 if key[4] else lines)  # type: ignore[arg-type]
        for key, (micros, lines) in held.items()
    }
    for key in map(Cell._make, _keys(Batch.of(corrected))):
        before = found.get(key, Sum(0, 0, 0))
        found[key] = before._replace(unpriced=before.unpriced - 1)
    return found


def by(tally: Tally, key: Callable[[Cell], K]) -> dict[K, Sum]:
    """Return sums of fewer cells."""
    found: dict[K, Sum] = {}
    for cell, sums in tally.items():
        name = key(cell)
        held = found.get(name)
        found[name] = Sum(*map(sum, zip(held, sums, strict=True))) if held else sums
    return found


def _keys(batch: Batch) -> Iterable[tuple[object, ...]]:
    return zip(
        map(day_of, batch["starts_at"]), batch["model"], batch["team"], batch["kind"],
        [each or "" for each in batch["currency"]], batch["environment"], batch["estimated"],
        [each.startswith(OURS) for each in batch["source_id"]], _billed(batch), strict=True,
    )  # fmt: skip


def _billed(batch: Batch) -> list[bool]:
    told = zip(batch["estimated"], batch["method"], strict=True)
    return [not estimated and method != Method.HOSTS for estimated, method in told]
