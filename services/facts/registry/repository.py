"""Mirror rows in, models, versions, runs and alias moves out."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from services.facts.registry.records import (
    MirroredAliasRecord,
    MirroredModelRecord,
    MirroredRunRecord,
    MirroredVersionRecord,
    SyncStateRecord,
)
from services.facts.registry.types import AliasMove, Dataset, Model, Run, SyncState, Version
from services.kernel.identity import DEFAULT_REGISTRY, DEFAULT_WORKSPACE, ModelRef
from services.record.storage.history import standing

A, M, R, V = MirroredAliasRecord, MirroredModelRecord, MirroredRunRecord, MirroredVersionRecord


def reference(name: str, version: int, run_id: str, source_uri: str) -> ModelRef:
    """Return the reference of a version."""
    return ModelRef(DEFAULT_REGISTRY, DEFAULT_WORKSPACE, name, version, run_id, source_uri)


def models(session: Session, at: datetime | None = None, name: str | None = None) -> list[Model]:
    """Return models with their aliases, by name, in two queries."""
    chosen = select(M).where(standing(M, at)).order_by(col(M.name))
    if name is not None:
        chosen = chosen.where(col(M.name) == name)
    aliases = all_aliases(session, at, name)
    return [
        Model(
            name=row.name,
            description=row.description,
            tags=row.tags,
            aliases=aliases.get(row.name, {}),
            latest_version=row.latest_version,
            created_at=row.created_at,
            mirrored_at=row.valid_from,
        )
        for row in session.exec(chosen)
    ]


def all_aliases(
    session: Session, at: datetime | None = None, name: str | None = None
) -> dict[str, dict[str, int]]:
    """Return version by alias, by model."""
    chosen = sa.select(col(A.name), col(A.alias), col(A.version)).where(standing(A, at))
    if name is not None:
        chosen = chosen.where(col(A.name) == name)
    found: dict[str, dict[str, int]] = {}
    for model, alias, version in session.execute(chosen):
        found.setdefault(model, {})[alias] = version
    return found


def _version(row: MirroredVersionRecord) -> Version:
    ref = reference(row.name, row.version, row.run_id, row.source_uri)
    return Version(ref, row.created_at, row.status, row.description, row.tags)


def versions(session: Session, name: str, at: datetime | None = None) -> list[Version]:
    """Return the versions of a model, latest first."""
    chosen = select(V).where(standing(V, at), col(V.name) == name)
    return [_version(row) for row in session.exec(chosen.order_by(col(V.version).desc()))]


def version(session: Session, name: str, number: int, at: datetime | None = None) -> Version | None:
    """Return one version."""
    chosen = select(V).where(standing(V, at), col(V.name) == name, col(V.version) == number)
    row = session.exec(chosen).first()
    return _version(row) if row else None


def alias_target(
    session: Session, name: str, alias: str, at: datetime | None = None
) -> tuple[int, str] | None:
    """Return version and run that an alias points at."""
    chosen = select(A).where(
        standing(A, at), col(A.name) == name, sa.func.lower(A.alias) == alias.lower()
    )
    rows = session.exec(chosen).all()
    row = next((each for each in rows if each.alias == alias), rows[0] if rows else None)
    return (row.version, row.run_id) if row else None


def alias_moves(session: Session, name: str) -> list[AliasMove]:
    """Return every move of a model's aliases, latest first."""
    chosen = select(A).where(col(A.name) == name).order_by(col(A.alias), col(A.valid_from))
    moves: list[AliasMove] = []
    before: dict[str, MirroredAliasRecord] = {}
    for row in session.exec(chosen):
        last = before.get(row.alias)
        if last is not None and last.valid_to is not None and last.valid_to < row.valid_from:
            moves.append(_removed(last))
            last = None
        was = last.version if last else None
        moves.append(
            AliasMove(name, row.alias, was, row.version, row.run_id, row.valid_from, row.source)
        )
        before[row.alias] = row
    moves += [_removed(row) for row in before.values() if row.valid_to is not None]
    return sorted(moves, key=lambda move: move.observed_at, reverse=True)


def _removed(row: MirroredAliasRecord) -> AliasMove:
    at = row.valid_to or row.valid_from
    return AliasMove(row.name, row.alias, row.version, None, None, at, "sync")


def all_refs(session: Session) -> list[ModelRef]:
    """Return every version there is, in one query."""
    chosen = select(V.name, V.version, V.run_id, V.source_uri).where(standing(V))
    return [reference(*row) for row in session.exec(chosen)]


def of_run(session: Session, run_id: str) -> ModelRef | None:
    """Return the newest version that came from a run."""
    r = MirroredVersionRecord
    chosen = select(r).where(standing(r), col(r.run_id) == run_id)
    row = session.exec(chosen.order_by(col(r.version).desc())).first()
    return _version(row).ref if row else None


def of_runs(session: Session, run_ids: Sequence[str]) -> dict[str, ModelRef]:
    """Return the newest version that came from each of some runs, by run; at most 500 of them."""
    r = MirroredVersionRecord
    chosen = select(r).where(standing(r), col(r.run_id).in_(list(run_ids)))
    return {row.run_id: _version(row).ref for row in session.exec(chosen.order_by(col(r.version)))}


def runs(session: Session, run_ids: Sequence[str]) -> dict[str, Run]:
    """Return runs by id."""
    chosen = select(R).where(standing(R), col(R.run_id).in_(list(run_ids)))
    return {row.run_id: _run(row) for row in session.exec(chosen)}


def _run(row: MirroredRunRecord) -> Run:
    return Run(
        run_id=row.run_id,
        experiment_id=row.experiment_id,
        user=row.user,
        status=row.status,
        started_at=row.started_at,
        ended_at=row.ended_at,
        git_commit=row.git_commit,
        metrics=row.metrics,
        params=row.params,
        tags=row.tags,
        datasets=tuple(Dataset(**each) for each in row.datasets),
    )


def runs_missing(session: Session, limit: int) -> list[str]:
    """Return ids of runs that versions came from and that were never mirrored."""
    known = sa.select(col(R.run_id)).where(standing(R))
    chosen = (
        sa.select(col(V.run_id))
        .where(standing(V), col(V.run_id) != "", col(V.run_id).not_in(known))
        .distinct()
        .limit(limit)
    )
    return [row[0] for row in session.execute(chosen)]


def sync_state(session: Session) -> SyncState:
    """Return how fresh the mirror is."""
    row = session.get(SyncStateRecord, 1)
    if row is None:
        return SyncState(None, ok=False, reason="MLflow was never read yet.", models=0, versions=0)
    return SyncState(row.at, row.ok, row.reason, row.models, row.versions, tuple(row.skipped))


def refs(
    session: Session, wanted: Mapping[str, int], at: datetime | None = None, at_once: int = 500
) -> dict[str, ModelRef]:
    """Return the reference of one version of each of many models; what is not mirrored is left out."""
    columns = (col(V.name), col(V.version), col(V.run_id), col(V.source_uri))
    names, numbers = list(wanted), sorted(set(wanted.values()))
    found: dict[str, ModelRef] = {}
    for start in range(0, len(names), at_once):
        chosen = sa.select(*columns).where(
            standing(V, at), col(V.name).in_(names[start : start + at_once])
        )
        if len(numbers) <= at_once:
            chosen = chosen.where(col(V.version).in_(numbers))
        for name, number, run_id, source in session.execute(chosen):
            if wanted[name] == number:
                found[name] = reference(name, number, run_id, source)
    return found


def serving(session: Session) -> list[ModelRef]:
    """Return the versions that some alias points at, each once, by name and version, in one query."""
    same = (col(A.name) == col(V.name)) & (col(A.version) == col(V.version))
    chosen = (
        sa.select(col(V.name), col(V.version), col(V.run_id), col(V.source_uri))
        .join(A, same)
        .where(standing(V), standing(A))
        .order_by(col(V.name), col(V.version))
        .distinct()
    )
    return [reference(*row) for row in session.execute(chosen)]
