"""Files of costs into the ledger: a piece a transaction, each charge once."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from services.facts.cost import focus, reading, rules
from services.facts.cost.focus import Charge
from services.facts.cost.records import CostImportRecord
from services.facts.cost.service import Ledger
from services.facts.prediction.fsspec_adapter import opened
from services.facts.prediction.imports import digest_of
from services.kernel.error import InvalidInput
from services.kernel.identity import Actor
from services.record.trail.unit_of_work import Store

R = CostImportRecord
MOST_REFUSED = 1_000


@dataclass
class Imported:
    """What became of a file.

    Attributes
    ----------
    rows, new, known
        In all, lines that were added, and lines that were there already.
    contradicting
        Lines that were there already with another quantity or period; they were left as they were.
    refused, refusals
        Rows that cannot be used, by their number in the file from 1, each with a sentence; the first
        thousand, and how many there are.
    unallocated
        Rows that no tag gives to a model.
    billed, effective
        What the file comes to by currency: what the invoice says, and with commitments spread.
    known_since
        When the same file was imported to its last row; then nothing was read.
    """

    name: str
    sha256: str
    rows: int = 0
    new: int = 0
    known: int = 0
    unallocated: int = 0
    contradicting: list[str] = field(default_factory=list[str])
    refused: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    refusals: int = 0
    billed: dict[str, Decimal] = field(default_factory=lambda: defaultdict[str, Decimal](Decimal))
    effective: dict[str, Decimal] = field(
        default_factory=lambda: defaultdict[str, Decimal](Decimal)
    )
    known_since: datetime | None = None


class CostImports:
    """Files of costs by the digest of their bytes."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store, self._ledger = store, ledger

    def focus(self, actor: Actor, place: str, *, again: bool = False) -> Imported:
        """Import a FOCUS file; event ``cost:imported`` for each piece and for the whole.

        Parameters
        ----------
        place
            A path, or any address that files are read from.
        again
            Read also a file that is known.

        Raises
        ------
        InvalidInput
            When it cannot be read; pieces before the fault are in the ledger, and are known when the
            whole file is imported.

        Notes
        -----
        A charge that stands in the same file twice is two charges; a charge of a later export is the
        same one where all but its amounts is the same.
        """
        told = Imported(place, digest_of(place))
        with self._store.reading() as session:
            told.known_since = None if again else self.known_since(session, told.sha256)
        if told.known_since is not None:
            return told
        seen: Counter[str] = Counter()
        with opened(place) as file:
            for rows in reading.rows(place, file):
                charges = _charges(rows, told, seen)
                told.rows += len(rows)
                self._add(actor, charges, told)
        self._note(actor, told)
        return told

    def known_since(self, session: Session, sha256: str) -> datetime | None:
        """Return when a file was imported; None where it was not."""
        return session.exec(select(R.at).where(col(R.sha256) == sha256)).first()

    def _add(self, actor: Actor, charges: Sequence[Charge], told: Imported) -> None:
        with self._store.unit(actor) as unit:
            entries = [each.entry for each in charges]
            added = self._ledger.add_checked(unit, entries, action="cost:imported")
        told.new += added.new
        told.known += added.known
        told.contradicting += added.contradicting
        for each in charges:
            told.billed[each.currency] += each.billed or 0
            told.effective[each.currency] += each.effective or 0
        told.unallocated += sum(not each.bearer.model for each in entries)

    def _note(self, actor: Actor, told: Imported) -> None:
        if told.refusals:
            return
        with self._store.unit(actor) as unit:
            if self.known_since(unit.session, told.sha256) is not None:
                return
            totals: dict[str, Any] = {
                "billed": {name: str(each) for name, each in sorted(told.billed.items())},
                "effective": {name: str(each) for name, each in sorted(told.effective.items())},
            }
            seq = unit.event(
                "cost:imported", ("file", told.sha256), rows=told.rows, new=told.new,
                unallocated=told.unallocated, **totals,
            )  # fmt: skip
            unit.session.add(
                R(
                    sha256=told.sha256,
                    name=told.name[-300:],
                    form="focus",
                    rows=told.rows,
                    new=told.new,
                    unallocated=told.unallocated,
                    **totals,
                    imported_by=actor.id,
                    at=unit.now,
                    event_seq=seq,
                )
            )


def _charges(rows: list[dict[str, Any]], told: Imported, seen: Counter[str]) -> list[Charge]:
    found: list[Charge] = []
    for number, row in enumerate(rows, start=told.rows + 1):
        try:
            digest = focus.identity(row)
            seen[digest] += 1
            charge = focus.charge(row, f"focus:{digest}:{seen[digest]}")
            found.append(replace(charge, entry=rules.checked_one(charge.entry)))
        except InvalidInput as error:
            told.refusals += 1
            if len(told.refused) < MOST_REFUSED:
                told.refused.append((number, error.message))
    return found
