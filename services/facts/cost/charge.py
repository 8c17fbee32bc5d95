"""A charge: a line of the ledger as a file of costs has it, and a piece of such a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.facts.cost.batch import Batch
from services.facts.cost.types import Entry


@dataclass(frozen=True, slots=True)
class Charge:
    """One row.

    Attributes
    ----------
    billed, effective
        What the invoice says, and what it comes to with commitments spread over their use; None where
        the row does not say.
    """

    entry: Entry
    currency: str
    billed: Decimal | None
    effective: Decimal | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Some thousand rows of a file.

    Attributes
    ----------
    rows
        In all, those that cannot be used too.
    lines, currencies, billed, effective
        The charges side by side.
    refused
        Rows that cannot be used, by their number in the piece from 0, each with a sentence.
    """

    rows: int
    lines: Batch
    currencies: Sequence[str]
    billed: Sequence[Decimal | None]
    effective: Sequence[Decimal | None]
    refused: Sequence[tuple[int, str]] = ()

    @classmethod
    def of(
        cls, rows: int, charges: Sequence[Charge], refused: Sequence[tuple[int, str]] = ()
    ) -> "Piece":
        """Return charges side by side."""
        return cls(
            rows,
            Batch.of(each.entry for each in charges),
            [each.currency for each in charges],
            [each.billed for each in charges],
            [each.effective for each in charges],
            refused,
        )

    @property
    def charges(self) -> list[Charge]:
        """Return the charges one by one."""
        told = (self.lines.entries(), self.currencies, self.billed, self.effective)
        return list(map(Charge, *told))
