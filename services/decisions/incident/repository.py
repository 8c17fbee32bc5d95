"""Incident rows in; incidents, entries and remedies out."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, select

from services.decisions.incident.records import (
    IncidentEntryRecord,
    IncidentKeyRecord,
    IncidentRecord,
    RemedyRecord,
)
from services.decisions.incident.types import (
    Entry,
    EntryKind,
    Harm,
    Incident,
    IncidentState,
    Origin,
    PostMortem,
    Remedy,
    Severity,
)
from services.kernel.identity import new_id
from services.record.storage.history import close, standing
from services.record.trail.unit_of_work import UnitOfWork

E, N, K, M = IncidentEntryRecord, IncidentRecord, IncidentKeyRecord, RemedyRecord


def _incident(row: IncidentRecord) -> Incident:
    return Incident(
        incident_id=row.incident_id,
        model=row.model,
        version=row.version,
        run_id=row.run_id,
        title=row.title,
        severity=Severity(row.severity),
        harm=Harm(row.harm),
        owner_id=row.owner_id,
        origin=Origin(row.origin),
        origin_id=row.origin_id,
        state=IncidentState(row.state),
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        aware_at=row.aware_at,
        closed_at=row.closed_at,
        particulars=row.particulars,
        post_mortem=PostMortem(**row.post_mortem) if row.post_mortem else None,
    )


def by_id(session: Session, incident_id: str, at: datetime | None = None) -> Incident | None:
    """Return one incident as it stands, or stood at an instant."""
    row = session.exec(select(N).where(standing(N, at), col(N.incident_id) == incident_id)).first()
    return _incident(row) if row else None


def find(
    session: Session,
    *,
    model: str | None = None,
    states: Sequence[IncidentState] | None = None,
    at: datetime | None = None,
) -> list[Incident]:
    """Return incidents, newest first."""
    chosen = select(N).where(standing(N, at)).order_by(col(N.incident_id).desc())
    if model is not None:
        chosen = chosen.where(col(N.model) == model)
    if states is not None:
        chosen = chosen.where(col(N.state).in_(list(states)))
    return [_incident(row) for row in session.exec(chosen)]


def write(unit: UnitOfWork, incident: Incident, seq: int) -> Incident:
    """Store how an incident stands from now on."""
    held = select(N).where(standing(N), col(N.incident_id) == incident.incident_id)
    for row in unit.session.exec(held):
        close(row, unit.now)
    unit.session.flush()
    unit.session.add(N(row_id=new_id(), valid_from=unit.now, event_seq=seq, **asdict(incident)))
    unit.session.flush()
    return incident


def entries(session: Session, incident_ids: Sequence[str]) -> dict[str, list[Entry]]:
    """Return the timelines of incidents, oldest line first."""
    chosen = select(E).where(col(E.incident_id).in_(list(incident_ids))).order_by(col(E.event_seq))
    found: dict[str, list[Entry]] = {each: [] for each in incident_ids}
    for row in session.exec(chosen):
        found[row.incident_id].append(
            Entry(
                row.entry_id, row.incident_id, EntryKind(row.kind), row.text, row.evidence_id,
                row.by, row.at,
            )
        )  # fmt: skip
    return found


def entry(session: Session, entry_id: str) -> Entry:
    """Return one line of a timeline that there is."""
    row = session.exec(select(E).where(col(E.entry_id) == entry_id)).one()
    return next(
        e for e in entries(session, [row.incident_id])[row.incident_id] if e.entry_id == entry_id
    )


def add_entry(unit: UnitOfWork, entry: Entry, seq: int) -> Entry:
    """Append a line to a timeline."""
    unit.session.add(E(event_seq=seq, **asdict(entry)))
    unit.session.flush()
    return entry


def _remedy(row: RemedyRecord) -> Remedy:
    return Remedy(
        row.remedy_id, row.incident_id, row.what, row.owner_id, row.due_at, row.done_at, row.done_by
    )


def remedies(session: Session, incident_id: str) -> list[Remedy]:
    """Return what is to be done about an incident, oldest first."""
    chosen = select(M).where(standing(M), col(M.incident_id) == incident_id)
    return [_remedy(row) for row in session.exec(chosen.order_by(col(M.remedy_id)))]


def remedy(session: Session, remedy_id: str) -> Remedy | None:
    """Return one thing to be done, or None."""
    row = session.exec(select(M).where(standing(M), col(M.remedy_id) == remedy_id)).first()
    return _remedy(row) if row else None


def write_remedy(unit: UnitOfWork, remedy: Remedy, seq: int) -> Remedy:
    """Store how a thing to be done stands from now on."""
    for row in unit.session.exec(
        select(M).where(standing(M), col(M.remedy_id) == remedy.remedy_id)
    ):
        close(row, unit.now)
    unit.session.flush()
    unit.session.add(M(row_id=new_id(), valid_from=unit.now, event_seq=seq, **asdict(remedy)))
    unit.session.flush()
    return remedy


def subject_of(session: Session, key: str) -> str | None:
    """Return what was made under a key, or None."""
    row = session.get(K, key)
    return row.subject_id if row else None


def keep_key(unit: UnitOfWork, key: str, subject_id: str) -> None:
    """Remember what was made under a key."""
    unit.session.add(K(key=key, subject_id=subject_id))
    unit.session.flush()
