"""Evidence rows in, evidence out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.evidence.records import (
    EvidenceRecord,
    MeasurementRecord,
)
from services.facts.evidence.types import (
    Evidence,
    EvidenceInput,
    EvidenceKind,
    Measurement,
    MeasurementStatus,
    Producer,
)
from services.kernel.identity import ModelRef

E, N = EvidenceRecord, MeasurementRecord
_LATEST: tuple[Any, ...] = (
    col(E.period_end).desc().nulls_last(),
    col(E.produced_at).desc(),
    col(E.evidence_id).desc(),
)
"""Of production, what is about the latest window is the latest, whenever it was measured again."""


def add(session: Session, evidence: Evidence, seq: int) -> None:
    """Store an evidence and its measurements."""
    subject = evidence.subject
    session.add(
        E(
            evidence_id=evidence.evidence_id,
            kind=evidence.kind,
            schema_name=evidence.schema,
            subject_kind=evidence.subject_kind,
            registry_id=subject.registry,
            workspace_id=subject.workspace,
            name=subject.name,
            version=subject.version,
            run_id=subject.run_id,
            source_uri=subject.source_uri,
            alias=evidence.alias,
            period_start=evidence.period_start,
            period_end=evidence.period_end,
            produced_at=evidence.produced_at,
            task_id=evidence.producer.task_id,
            code_version=evidence.producer.code_version,
            libraries=[list(pair) for pair in evidence.producer.libraries],
            inputs=[{"role": i.role, "sha256": i.sha256, "rows": i.rows} for i in evidence.inputs],
            parameters=dict(evidence.parameters),
            seed=evidence.seed,
            payload_sha256=evidence.payload_sha256,
            event_seq=seq,
        )
    )
    session.flush()
    rows = [
        {
            "evidence_id": evidence.evidence_id,
            "position": position,
            **{key: getattr(each, key) for key in Measurement.__dataclass_fields__},
        }
        for position, each in enumerate(evidence.measurements)
    ]
    if rows:
        session.execute(sa.insert(N), rows)


def filed_by(session: Session, task_id: str, kind: str, payload_sha256: str) -> Evidence | None:
    """Return what a task filed already."""
    chosen = select(E).where(
        col(E.task_id) == task_id, col(E.kind) == kind, col(E.payload_sha256) == payload_sha256
    )
    return next(iter(_evidences(session, session.exec(chosen).all())), None)


def of_version(
    session: Session, ref: ModelRef, at: datetime | None = None, most: int | None = None
) -> list[Evidence]:
    """Return the evidence of a version, latest first.

    Parameters
    ----------
    most
        Of each kind; None means all.
    """
    chosen = select(E).where(*_of(ref))
    if at is not None:
        chosen = chosen.where(col(E.produced_at) <= at)
    if most is not None:
        ranked = chosen.with_only_columns(col(E.evidence_id), _place(col(E.kind)).label("place"))
        inner = ranked.subquery()
        newest = sa.select(inner.c.evidence_id).where(inner.c.place <= most)
        chosen = chosen.where(col(E.evidence_id).in_(newest))
    return _evidences(session, session.exec(chosen.order_by(*_LATEST)).all())


def of_period(session: Session, ref: ModelRef, end: datetime) -> list[Evidence]:
    """Return the evidence of production of a version up to an instant, latest first."""
    chosen = select(E).where(*_of(ref), col(E.period_end) == end).order_by(*_LATEST)
    return _evidences(session, session.exec(chosen).all())


def _of(ref: ModelRef) -> tuple[Any, ...]:
    return col(E.name) == ref.name, col(E.version) == ref.version, col(E.run_id) == ref.run_id


def _place(*partition: Any) -> Any:
    """Return the rank of an evidence among its like: 1 is the latest."""
    return sa.func.row_number().over(partition_by=partition, order_by=_LATEST)


def latest_of_models(
    session: Session, names: Sequence[str], metrics: Sequence[str], at: datetime | None = None
) -> list[Evidence]:
    """Return the latest evidence of each kind of every version of some models.

    Parameters
    ----------
    metrics
        Only these numbers are read: a long list of models needs few of the many there are.
    """
    newest = _place(col(E.name), col(E.version), col(E.run_id), col(E.kind))
    found: list[Evidence] = []
    for start in range(0, len(names), 500):
        part = list(names[start : start + 500])
        ranked = sa.select(E.__table__, newest.label("place")).where(col(E.name).in_(part))  # type: ignore[attr-defined]
        if at is not None:
            ranked = ranked.where(col(E.produced_at) <= at)
        inner = ranked.subquery()
        chosen = session.execute(sa.select(inner).where(inner.c.place == 1)).mappings().all()
        numbers = _numbers(session, [row["evidence_id"] for row in chosen], metrics)
        found += [
            _evidence(
                _Row({str(k): v for k, v in row.items()}), numbers.get(row["evidence_id"], [])
            )
            for row in chosen
        ]
    return found


class _Row:
    """A row of a plain query, read like a record."""

    def __init__(self, held: Mapping[str, Any]) -> None:
        self.__dict__.update(held)


def _numbers(
    session: Session, ids: Sequence[str], metrics: Sequence[str]
) -> dict[str, list[Measurement]]:
    columns = [col(getattr(N, name)) for name in ("evidence_id", *Measurement.__dataclass_fields__)]
    found: dict[str, list[Measurement]] = {}
    for start in range(0, len(ids), 500):
        chosen = (
            sa.select(*columns)
            .where(
                col(N.evidence_id).in_(ids[start : start + 500]),
                col(N.metric).in_(list(metrics)),
            )
            .order_by(col(N.evidence_id), col(N.position))
        )
        for evidence_id, *values, status in session.execute(chosen):
            number = Measurement(*values, status=MeasurementStatus(status))
            found.setdefault(evidence_id, []).append(number)
    return found


def by_id(session: Session, evidence_id: str) -> Evidence | None:
    """Return one evidence."""
    row = session.get(E, evidence_id)
    return _evidences(session, [row])[0] if row else None


def _evidences(session: Session, rows: Sequence[EvidenceRecord]) -> list[Evidence]:
    held: dict[str, list[Measurement]] = {row.evidence_id: [] for row in rows}
    ids = list(held)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        chosen = select(N).where(col(N.evidence_id).in_(part)).order_by(col(N.position))
        for each in session.exec(chosen):
            held[each.evidence_id].append(_measurement(each))
    return [_evidence(row, held[row.evidence_id]) for row in rows]


def _measurement(row: MeasurementRecord) -> Measurement:
    return Measurement(
        row.metric, row.segment, row.value, row.unit, row.n, row.lo, row.hi, row.level, row.method,
        MeasurementStatus(row.status),
    )  # fmt: skip


def _evidence(row: Any, measurements: list[Measurement]) -> Evidence:
    return Evidence(
        evidence_id=row.evidence_id,
        kind=EvidenceKind(row.kind),
        schema=row.schema_name,
        subject_kind=row.subject_kind,
        subject=ModelRef(
            row.registry_id, row.workspace_id, row.name, row.version, row.run_id, row.source_uri
        ),
        alias=row.alias,
        period_start=row.period_start,
        period_end=row.period_end,
        produced_at=row.produced_at,
        producer=Producer(
            row.task_id, row.code_version, tuple((p[0], p[1]) for p in row.libraries)
        ),
        inputs=tuple(EvidenceInput(**each) for each in row.inputs),
        parameters=row.parameters,
        seed=row.seed,
        payload_sha256=row.payload_sha256,
        measurements=tuple(measurements),
    )
