"""Rows in, waivers and exemptions out."""

from datetime import datetime

from sqlmodel import Session, col, select

from services.judgement.waiver.records import ExemptionRecord, WaiverRecord
from services.judgement.waiver.types import Exemption, Waiver
from services.kernel.identity import ModelRef
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork


def waivers(session: Session, ref: ModelRef) -> list[Waiver]:
    """Return every waiver of one version."""
    r = WaiverRecord
    statement = select(r).where(
        col(r.name) == ref.name, col(r.version) == ref.version, col(r.run_id) == ref.run_id
    )
    return [_waiver(row) for row in session.exec(statement)]


def _waiver(row: WaiverRecord) -> Waiver:
    ref = ModelRef(
        row.registry_id, row.workspace_id, row.name, row.version, row.run_id, row.source_uri
    )
    return Waiver(
        row.waiver_id, ref, row.alias, row.clause_id, row.reason_sha256, row.approved_by,
        row.from_at, row.until,
    )  # fmt: skip


def exemptions(session: Session, ref: ModelRef, at: datetime | None = None) -> list[Exemption]:
    """Return the exemptions of one version that hold now or held at an instant."""
    r = ExemptionRecord
    statement = select(r).where(
        standing(r, at), col(r.model) == ref.name, col(r.version) == ref.version,
        col(r.run_id) == ref.run_id,
    )  # fmt: skip
    return [_exemption(row) for row in session.exec(statement)]


def _exemption(row: ExemptionRecord) -> Exemption:
    return Exemption(
        row.exemption_id, row.model, row.run_id, row.version, row.kind, row.reason,
        row.reason_sha256, row.signed_by, row.auth_event_id, row.valid_from,
    )  # fmt: skip


def all_exemptions(session: Session, at: datetime | None = None) -> list[Exemption]:
    """Return the exemptions of every version that hold now or held at an instant."""
    return [
        _exemption(row)
        for row in session.exec(select(ExemptionRecord).where(standing(ExemptionRecord, at)))
    ]


def all_waivers(session: Session) -> list[Waiver]:
    """Return every waiver of every version."""
    return [_waiver(row) for row in session.exec(select(WaiverRecord))]


def add_exemption(unit: UnitOfWork, exemption: Exemption, seq: int) -> None:
    """Store an exemption; an earlier one of the same kind ends."""
    r = ExemptionRecord
    statement = select(r).where(
        standing(r), col(r.model) == exemption.model, col(r.version) == exemption.version,
        col(r.run_id) == exemption.run_id, col(r.kind) == exemption.kind,
    )  # fmt: skip
    for row in unit.session.exec(statement):
        close(row, unit.now)
    unit.session.add(
        ExemptionRecord(
            exemption_id=exemption.exemption_id,
            model=exemption.model,
            version=exemption.version,
            run_id=exemption.run_id,
            kind=exemption.kind,
            reason=exemption.reason,
            reason_sha256=exemption.reason_sha256,
            signed_by=exemption.signed_by,
            auth_event_id=exemption.auth_event_id,
            valid_from=unit.now,
            event_seq=seq,
        )
    )
    unit.session.flush()
