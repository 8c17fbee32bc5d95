"""What became of a file of costs."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from services.facts.cost.charge import Piece
from services.facts.cost.types import Added

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
    environments, starts_at, ends_at
        What the lines are of, and the stretch they cover; None where there is no line.
    known_since
        When the same file was imported to its last row; then nothing was read.
    """

    name: str
    sha256: str
    form: str
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
    environments: set[str] = field(default_factory=set[str])
    starts_at: datetime | None = None
    ends_at: datetime | None = None
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
        entries = [each.entry for each in piece.charges]
        self.environments |= {each.bearer.environment for each in entries}
        if entries:
            first, last = min(e.starts_at for e in entries), max(e.ends_at for e in entries)
            self.starts_at = min(self.starts_at or first, first)
            self.ends_at = max(self.ends_at or last, last)
        for each in piece.charges:
            self.billed[each.currency] += each.billed or 0
            self.effective[each.currency] += each.effective or 0
