"""What was imported: every file with its digest, what it came to, and the rows that were refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from services.facts.cost.imported import Imported
from services.facts.cost.records import CostBillRecord, CostImportRecord
from services.kernel.identity import new_id
from services.record.trail.unit_of_work import UnitOfWork

R, B = CostImportRecord, CostBillRecord
SHOWN = 20
"""So many refused rows and environments of a file are kept in words."""


@dataclass(frozen=True, slots=True)
class Bill:
    """One import of a file.

    Attributes
    ----------
    restated
        Charges that were there already with other figures.
    billed, effective, corrected
        By currency, as decimals: what the invoice says, with commitments spread, and corrections.
    refusals
        The first refused rows, by their number from 1, each with a sentence.
    starts_at, ends_at
        The stretch its lines cover; None without a line.
    """

    bill_id: str
    sha256: str
    name: str
    form: str
    rows: int
    new: int
    known: int
    refused: int
    restated: int
    corrected: Mapping[str, str]
    unallocated: int
    billed: Mapping[str, str]
    effective: Mapping[str, str]
    refusals: tuple[tuple[int, str], ...]
    environments: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    imported_by: str
    at: datetime
    event_seq: int


def known_since(session: Session, sha256: str) -> datetime | None:
    """Return when a file was imported to its last row; None where it was not."""
    return session.exec(select(R.at).where(col(R.sha256) == sha256)).first()


def all_of(session: Session, most: int = 200) -> list[Bill]:
    """Return what was imported, the newest first."""
    chosen = select(B).order_by(col(B.at).desc(), col(B.event_seq).desc()).limit(most)
    return [_bill(row) for row in session.exec(chosen)]


def note(unit: UnitOfWork, told: Imported) -> None:
    """Note an import; event ``cost:imported``. Only a file without a refused row is known from then on."""
    totals: dict[str, Any] = {
        "billed": {name: str(each) for name, each in sorted(told.billed.items())},
        "effective": {name: str(each) for name, each in sorted(told.effective.items())},
    }
    counted = {"rows": told.rows, "new": told.new, "unallocated": told.unallocated}
    seq = unit.event(
        "cost:imported", ("file", told.sha256), refused=told.refusals, form=told.form,
        restated=told.restated, **counted, **totals,
    )  # fmt: skip
    said: dict[str, Any] = {
        "sha256": told.sha256, "name": told.name[-300:], "form": told.form, **counted, **totals,
        "imported_by": unit.actor.id, "at": unit.now, "event_seq": seq,
    }  # fmt: skip
    unit.session.add(
        B(
            **said,
            bill_id=new_id(),
            known=told.known,
            refused=told.refusals,
            restated=told.restated,
            corrected={name: each.decimal for name, each in sorted(told.corrected.items())},
            refusals=[[number, why] for number, why in told.refused[:SHOWN]],
            environments=sorted(told.environments)[:SHOWN],
            starts_at=told.starts_at,
            ends_at=told.ends_at,
        )
    )
    if not told.refusals and known_since(unit.session, told.sha256) is None:
        unit.session.add(R(**said))


def _bill(row: CostBillRecord) -> Bill:
    refusals: Sequence[Any] = row.refusals
    return Bill(
        row.bill_id, row.sha256, row.name, row.form, row.rows, row.new, row.known, row.refused,
        row.restated, row.corrected, row.unallocated, row.billed, row.effective,
        tuple((int(number), str(why)) for number, why in refusals), tuple(row.environments),
        row.starts_at, row.ends_at, row.imported_by, row.at, row.event_seq,
    )  # fmt: skip
