"""Files of costs into the ledger: a piece a transaction, each charge once."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from services.facts.cost import focus
from services.facts.cost.charge import Piece
from services.facts.cost.records import CostImportRecord
from services.facts.cost.service import Ledger
from services.facts.cost.types import Added
from services.facts.prediction.fsspec_adapter import opened
from services.facts.prediction.imports import digest_of
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

    def note(self, piece: Piece, added: Added) -> None:
        """Count what became of a piece."""
        room = MOST_REFUSED - len(self.refused)
        self.refused += [(self.rows + 1 + number, why) for number, why in piece.refused[:room]]
        self.refusals += len(piece.refused)
        self.rows += piece.rows
        self.new += added.new
        self.known += added.known
        self.contradicting += added.contradicting
        self.unallocated += sum(not each.entry.bearer.model for each in piece.charges)
        for each in piece.charges:
            self.billed[each.currency] += each.billed or 0
            self.effective[each.currency] += each.effective or 0


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
        with opened(place) as file:
            for piece in focus.pieces(place, file):
                self._add(actor, piece, told)
        self._note(actor, told)
        return told

    def known_since(self, session: Session, sha256: str) -> datetime | None:
        """Return when a file was imported; None where it was not."""
        return session.exec(select(R.at).where(col(R.sha256) == sha256)).first()

    def _add(self, actor: Actor, piece: Piece, told: Imported) -> None:
        entries = [each.entry for each in piece.charges]
        with self._store.unit(actor) as unit:
            added = self._ledger.add_checked(unit, entries, action="cost:imported")
        told.note(piece, added)

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
