"""Rows of orders in, orders out."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from services.decisions.disposal.records import DisposalRecord
from services.decisions.disposal.types import Disposal, DisposalState
from services.kernel.identity import new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork

R = DisposalRecord


def find(session: Session, states: Sequence[DisposalState] | None = None) -> list[Disposal]:
    """Return orders as they stand, the newest first."""
    chosen = select(R).where(standing(R)).order_by(col(R.ordered_at).desc())
    if states is not None:
        chosen = chosen.where(col(R.state).in_([each.value for each in states]))
    return [_disposal(row) for row in session.exec(chosen)]


def by_id(session: Session, disposal_id: str) -> Disposal | None:
    """Return one order, or None."""
    row = session.exec(select(R).where(standing(R), col(R.disposal_id) == disposal_id)).first()
    return _disposal(row) if row else None


def write(unit: UnitOfWork, made: Disposal, seq: int) -> None:
    """Make this the standing version of an order."""
    held = select(R).where(standing(R), col(R.disposal_id) == made.disposal_id)
    for row in unit.session.exec(held):
        close(row, unit.now)
    unit.session.flush()
    unit.session.add(
        R(
            row_id=new_id(),
            disposal_id=made.disposal_id,
            open_run_id=made.run_id if made.state is DisposalState.ORDERED else None,
            run_id=made.run_id,
            name=made.name,
            model=made.model,
            versions=[list(each) for each in made.versions],
            size=made.size,
            files=made.files,
            reason=made.reason,
            ordered_by=made.ordered_by,
            ordered_at=made.ordered_at,
            due_at=made.due_at,
            state=made.state.value,
            outcome=made.outcome,
            valid_from=unit.now,
            event_seq=seq,
        )
    )
    unit.session.flush()


def _disposal(row: DisposalRecord) -> Disposal:
    versions = tuple((str(name), int(number)) for name, number in row.versions)
    return Disposal(
        row.disposal_id, row.run_id, row.name, row.model, versions, row.size, row.files, row.reason,
        row.ordered_by, row.ordered_at, row.due_at, DisposalState(row.state), row.outcome,
    )  # fmt: skip
