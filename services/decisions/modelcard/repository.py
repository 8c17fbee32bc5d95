"""Cards in the database: rows in, types out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from services.decisions.modelcard.records import CardRevisionRecord
from services.decisions.modelcard.types import Card, Field, FieldKind
from services.kernel.identity import ModelRef, new_id
from services.record.storage.history import close, standing


def _of(ref: ModelRef) -> tuple[Any, ...]:
    c = CardRevisionRecord
    return (
        col(c.registry_name) == ref.registry,
        col(c.workspace) == ref.workspace,
        col(c.name) == ref.name,
        col(c.version) == ref.version,
        col(c.run_id) == ref.run_id,
    )


def _card(row: CardRevisionRecord) -> Card:
    ref = ModelRef(
        row.registry_name, row.workspace, row.name, row.version, row.run_id, row.source_uri
    )
    fields = {name: _field(held) for name, held in row.fields_json.items()}
    return Card(ref, row.revision, fields, row.sha256, row.author, row.valid_from)


def _field(held: Mapping[str, Any]) -> Field:
    return Field(
        kind=FieldKind(held["kind"]),
        text=held["text"],
        source=held["source"],
        by=held["by"],
        at=datetime.fromisoformat(held["at"]) if held["at"] else None,
        evidence=tuple((kind, sha256) for kind, sha256 in held["evidence"]),
    )


def _held(field: Field) -> dict[str, Any]:
    return {
        "kind": field.kind.value,
        "text": field.text,
        "source": field.source,
        "by": field.by,
        "at": field.at.isoformat() if field.at else None,
        "evidence": [list(each) for each in field.evidence],
    }


def current(session: Session, ref: ModelRef, at: datetime | None = None) -> Card | None:
    """Return the card that stands, or stood at an instant; None when there is none."""
    statement = select(CardRevisionRecord).where(standing(CardRevisionRecord, at), *_of(ref))
    row = session.exec(statement).first()
    return _card(row) if row else None


def revision(session: Session, ref: ModelRef, number: int) -> Card | None:
    """Return one revision, or None."""
    wanted = col(CardRevisionRecord.revision) == number
    row = session.exec(select(CardRevisionRecord).where(wanted, *_of(ref))).first()
    return _card(row) if row else None


def revisions(session: Session, ref: ModelRef) -> list[Card]:
    """Return all revisions, newest first."""
    newest = col(CardRevisionRecord.revision).desc()
    statement = select(CardRevisionRecord).where(*_of(ref)).order_by(newest)
    return [_card(row) for row in session.exec(statement)]


def written(session: Session) -> list[tuple[str, int]]:
    """Return name and number of the versions whose card is more than its first draft."""
    r = CardRevisionRecord
    chosen = select(r.name, r.version).where(standing(r), col(r.revision) > 1)
    return [(name, version) for name, version in session.exec(chosen)]


def write(session: Session, card: Card, now: datetime, event_seq: int) -> None:
    """Make this the standing revision; the one before ends now."""
    before = select(CardRevisionRecord).where(standing(CardRevisionRecord), *_of(card.ref))
    for row in session.exec(before):
        close(row, now)
        session.add(row)
    session.flush()
    session.add(
        CardRevisionRecord(
            row_id=new_id(),
            registry_name=card.ref.registry,
            workspace=card.ref.workspace,
            name=card.ref.name,
            version=card.ref.version,
            run_id=card.ref.run_id,
            source_uri=card.ref.source_uri,
            revision=card.revision,
            fields_json={name: _held(field) for name, field in card.fields.items()},
            sha256=card.sha256,
            author=card.author,
            valid_from=now,
            event_seq=event_seq,
        )
    )
    session.flush()
