"""Rows of measurements that could not be made."""

from sqlmodel import Session, col, select

from services.facts.evidence.records import EvidenceFailureRecord
from services.facts.evidence.types import EvidenceFailure, EvidenceKind
from services.kernel.identity import ModelRef

F = EvidenceFailureRecord


def add(session: Session, failure: EvidenceFailure, seq: int) -> None:
    """Store a failed measurement."""
    subject = failure.subject
    session.add(
        F(
            failure_id=failure.failure_id,
            kind=failure.kind,
            registry_id=subject.registry,
            workspace_id=subject.workspace,
            name=subject.name,
            version=subject.version,
            run_id=subject.run_id,
            source_uri=subject.source_uri,
            reason=failure.reason,
            limit_name=failure.limit,
            at=failure.at,
            task_id=failure.task_id,
            event_seq=seq,
        )
    )
    session.flush()


def of_version(session: Session, ref: ModelRef) -> list[EvidenceFailure]:
    """Return the failed measurements of a version, latest first."""
    chosen = select(F).where(
        col(F.name) == ref.name, col(F.version) == ref.version, col(F.run_id) == ref.run_id
    )
    rows = session.exec(chosen.order_by(col(F.at).desc()))
    return [
        EvidenceFailure(
            r.failure_id, EvidenceKind(r.kind), ref, r.reason, r.limit_name, r.at, r.task_id
        )
        for r in rows
    ]
