"""What became of a file of costs."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from services.facts.cost.charge import Piece
from services.facts.cost.types import Added
from services.kernel.money import Money

MOST_REFUSED = 1_000


@dataclass
class Imported:
    """What became of a file.

    Attributes
    ----------
    rows, new, known
        In all, lines that were added, and lines that were there already.
    restated, corrections, corrected
        Charges that were there already with other figures, the lines that correct them, and what those
        come to by currency.
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
    restated: int = 0
    corrections: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    refusals: int = 0
    billed: dict[str, Decimal] = field(default_factory=lambda: defaultdict[str, Decimal](Decimal))
    effective: dict[str, Decimal] = field(
        default_factory=lambda: defaultdict[str, Decimal](Decimal)
    )
    corrected: dict[str, Money] = field(default_factory=dict[str, Money])
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
        self.restated += len(added.restated)
        self.corrections += len(added.corrections)
        for each in added.corrections:
            if (more := each.amount) is not None:
                held = self.corrected.get(more.currency, Money.none(more.currency))
                self.corrected[more.currency] = held + more
        self._note_lines(piece)

    def _note_lines(self, piece: Piece) -> None:
        lines = piece.lines
        self.unallocated += lines["model"].count("")
        self.environments |= set(lines["environment"])
        if len(lines):
            first, last = min(lines["starts_at"]), max(lines["ends_at"])
            self.starts_at = min(self.starts_at or first, first)
            self.ends_at = max(self.ends_at or last, last)
        told = zip(piece.currencies, piece.billed, piece.effective, strict=True)
        for currency, billed, effective in told:
            self.billed[currency] += billed or 0
            self.effective[currency] += effective or 0
