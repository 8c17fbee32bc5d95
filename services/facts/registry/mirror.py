"""Writing what was seen: bulk rows, one event a batch, one event for every alias that moved."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from services.facts.registry.records import (
    MirroredAliasRecord,
    MirroredModelRecord,
    MirroredRunRecord,
    MirroredVersionRecord,
    SyncStateRecord,
)
from services.facts.registry.types import Head, Run, SeenVersion
from services.kernel.identity import new_id
from services.record.canonical import digest
from services.record.storage.base import Versioned
from services.record.storage.history import standing
from services.record.trail.unit_of_work import UnitOfWork

A, M, R, V = MirroredAliasRecord, MirroredModelRecord, MirroredRunRecord, MirroredVersionRecord
AT_ONCE = 500


def known_heads(session: Session) -> dict[str, str]:
    """Return the digest of each standing model."""
    chosen = sa.select(col(M.name), col(M.head_sha256)).where(standing(M))
    return {row[0]: row[1] for row in session.execute(chosen)}


def known_versions(session: Session, names: Sequence[str]) -> dict[tuple[str, int], dict[str, Any]]:
    """Return what stands of the versions of some models."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for part in _parts(names):
        chosen = sa.select(V.__table__).where(standing(V), col(V.name).in_(part))  # type: ignore[attr-defined]
        for row in session.execute(chosen).mappings():
            found[row["name"], row["version"]] = dict(row)
    return found


def write_models(unit: UnitOfWork, heads: Sequence[Head], seq: int) -> None:
    """Store models that are new or changed."""
    _end(unit, M, col(M.name), [head.name for head in heads])
    rows = [
        {
            "row_id": new_id(),
            "name": head.name,
            "description": head.description,
            "tags": dict(head.tags),
            "latest_version": head.latest_version,
            "created_at": datetime.fromtimestamp(head.created_ms / 1000, UTC),
            "head_sha256": head.sha256,
        }
        for head in heads
    ]
    _insert(unit, M, rows, seq)


def forget_head(unit: UnitOfWork, name: str, seq: int) -> None:
    """Let the next look read a model again, whatever it says of itself.

    Notes
    -----
    An alias that the console moves, and that somebody moves back before the next look, would leave
    the model as it was seen last.
    """
    chosen = sa.select(M.__table__).where(standing(M), col(M.name) == name)  # type: ignore[attr-defined]
    known = unit.session.execute(chosen).mappings().first()
    if known is not None:
        _end(unit, M, col(M.name), [name])
        _insert(unit, M, [{**known, "row_id": new_id(), "head_sha256": ""}], seq)


def write_versions(
    unit: UnitOfWork, versions: Sequence[SeenVersion], ended: Sequence[str], seq: int
) -> None:
    """Store versions that are new or changed; end the rows they follow."""
    _end(unit, V, col(V.row_id), ended)
    rows = [
        {
            "row_id": new_id(),
            "name": version.name,
            "version": version.version,
            "run_id": version.run_id,
            "source_uri": version.source_uri,
            "status": version.status,
            "description": version.description,
            "tags": dict(version.tags),
            "created_at": datetime.fromtimestamp(version.created_ms / 1000, UTC),
        }
        for version in versions
    ]
    _insert(unit, V, rows, seq)


def write_runs(unit: UnitOfWork, runs: Sequence[Run], seq: int) -> None:
    """Store runs; those there were end."""
    _end(unit, R, col(R.run_id), [run.run_id for run in runs])
    rows: list[dict[str, Any]] = []
    for run in runs:
        values = {key: getattr(run, key) for key in Run.__dataclass_fields__}
        values["datasets"] = [asdict(each) for each in run.datasets]
        rows.append({"row_id": new_id(), **values})
    _insert(unit, R, rows, seq)


def standing_aliases(session: Session) -> dict[tuple[str, str], tuple[int, str]]:
    """Return version and run by model and alias."""
    chosen = sa.select(col(A.name), col(A.alias), col(A.version), col(A.run_id)).where(standing(A))
    return {(row[0], row[1]): (row[2], row[3]) for row in session.execute(chosen)}


def aliases_since(session: Session, at: datetime) -> set[tuple[str, str]]:
    """Return model and alias of every row that began or ended after an instant."""
    since = sa.or_(col(A.valid_from) > at, col(A.valid_to) > at)
    chosen = sa.select(col(A.name), col(A.alias)).where(since)
    return {(row[0], row[1]) for row in session.execute(chosen)}


def write_alias(
    unit: UnitOfWork, name: str, alias: str, target: tuple[int, str] | None, source: str, seq: int
) -> None:
    """Store where an alias points now; None for nowhere."""
    unit.session.execute(
        sa.update(A)
        .where(standing(A), col(A.name) == name, col(A.alias) == alias)
        .values(valid_to=unit.now)
        .execution_options(synchronize_session=False)
    )
    if target is not None:
        row = {
            "row_id": new_id(), "name": name, "alias": alias, "version": target[0],
            "run_id": target[1], "source": source,
        }  # fmt: skip
        _insert(unit, A, [row], seq)


def write_first_aliases(
    unit: UnitOfWork, aliases: Mapping[tuple[str, str], tuple[int, str]], seq: int
) -> None:
    """Store aliases seen for the first time, in bulk."""
    rows = [
        {"row_id": new_id(), "name": name, "alias": alias, "version": target[0],
         "run_id": target[1], "source": "first seen"}
        for (name, alias), target in aliases.items()
    ]  # fmt: skip
    _insert(unit, A, rows, seq)


def end_models(unit: UnitOfWork, names: Sequence[str]) -> None:
    """End the rows of models that MLflow no longer has."""
    for record in (M, V, A):
        _end(unit, record, col(record.name), names)


def digest_of_rows(*batches: Iterable[object]) -> str:
    """Return the digest of a batch, for its event."""
    return digest([[asdict(each) for each in batch] for batch in batches])  # type: ignore[call-overload]


def count_versions(session: Session) -> int:
    """Count the standing versions."""
    return session.execute(
        sa.select(sa.func.count()).select_from(V).where(standing(V))
    ).scalar_one()


def state(session: Session) -> SyncStateRecord:
    """Return the row of the mirror's own state, made when there is none."""
    row = session.get(SyncStateRecord, 1)
    if row is None:
        row = SyncStateRecord(id=1, skipped=[])
        session.add(row)
        session.flush()
    return row


def _parts(items: Sequence[str]) -> list[list[str]]:
    return [list(items[n : n + AT_ONCE]) for n in range(0, len(items), AT_ONCE)]


def _end(unit: UnitOfWork, record: type[Versioned], column: Any, values: Sequence[str]) -> None:
    for part in _parts(values):
        unit.session.execute(
            sa.update(record)
            .where(standing(record), column.in_(part))
            .values(valid_to=unit.now)
            .execution_options(synchronize_session=False)
        )


def _insert(
    unit: UnitOfWork, record: type[Versioned], rows: list[dict[str, Any]], seq: int
) -> None:
    if rows:
        common = {"valid_from": unit.now, "valid_to": None, "event_seq": seq}
        unit.session.execute(sa.insert(record), [{**row, **common} for row in rows])
