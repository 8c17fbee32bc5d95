"""One look at MLflow: full heads, hashed; what changed is read closer and written at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from services.facts.registry import mirror, repository
from services.facts.registry.types import Head, Run, SeenVersion
from services.kernel.error import SourceUnavailable
from services.kernel.identity import SYSTEM
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import Store
from services.workflows.sync.changes import (
    Look,
    unsettled,
    usable,
    write_aliases,
    write_versions,
)

BACKFILL = 1000
log = structlog.get_logger(__name__)


class Source(Protocol):
    """Where models come from."""

    def heads(self) -> list[Head]:
        """Return every model."""
        ...

    def all_versions(self, progress: Callable[[int], None] | None = None) -> list[SeenVersion]:
        """Return every version."""
        ...

    def versions(self, name: str) -> list[SeenVersion]:
        """Return every version of one model."""
        ...

    def versions_since(self, watermark_ms: int) -> list[SeenVersion]:
        """Return versions changed since."""
        ...

    def runs(self, run_ids: Sequence[str]) -> list[Run]:
        """Return runs by id."""
        ...


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one look found."""

    models: int
    changed: int
    versions: int
    runs: int
    moves: int
    vanished: int


class Sync:
    """Mirrors one MLflow server; one at a time, by a lease that the caller holds."""

    def __init__(self, store: Store, source: Source) -> None:
        self._store = store
        self._source = source

    def look(self) -> SyncReport:
        """Read MLflow and write what changed.

        Raises
        ------
        SourceUnavailable
            When MLflow cannot be read; the mirror says since when and why.
        """
        try:
            return self._look()
        except SourceUnavailable as error:
            self._failed(error.message)
            raise

    def _look(self) -> SyncReport:
        began = self._store.clock.now()
        heads, skipped = usable(self._source.heads())
        with self._store.reading() as session:
            known = mirror.known_heads(session)
            row = repository.sync_state(session)
        watermark = self._watermark()
        changed = [head for head in heads if known.get(head.name) != head.sha256]
        gone = sorted(set(known) - {head.name for head in heads})
        versions, watermark = self._versions(changed, heads, watermark, first=not known)
        runs = self._leading_runs(changed, versions)
        report = SyncReport(len(heads), len(changed), len(versions), len(runs), 0, 0)
        if changed or gone or versions:
            look = Look(began, not known, changed, gone, versions)
            report = self._write(look, runs, report)
        self._succeeded(len(heads), watermark, skipped)
        if row.at is None or not row.ok or changed:
            log.info("mirror refreshed", models=len(heads), changed=len(changed))
        return report

    def backfill(self) -> int:
        """Mirror some runs that no sync needed yet; return how many."""
        with self._store.reading() as session:
            missing = repository.runs_missing(session, BACKFILL)
        runs = self._source.runs(missing) if missing else []
        if runs:
            with self._store.unit(SYSTEM) as unit:
                seq = unit.event(
                    "model:mirrored", ("registry", "default"), runs=len(runs),
                    rows_sha256=mirror.digest_of_rows(runs),
                )  # fmt: skip
                mirror.write_runs(unit, runs, seq)
        return len(runs)

    def _versions(
        self, changed: list[Head], heads: list[Head], watermark: int, *, first: bool
    ) -> tuple[list[SeenVersion], int]:
        """Return every version of the models that changed, and the new watermark."""
        if first or len(changed) > 100:
            everything = self._source.all_versions(self._progress(len(heads)))
            names = {head.name for head in changed}
            found = [each for each in everything if each.name in names]
            return found, max((each.updated_ms for each in everything), default=watermark)
        known = {head.name for head in heads}
        recent = self._source.versions_since(watermark)
        names = {head.name for head in changed} | {v.name for v in recent if v.name in known}
        found = [each for name in sorted(names) for each in self._source.versions(name)]
        return found, max((each.updated_ms for each in recent), default=watermark)

    def _leading_runs(self, changed: list[Head], versions: list[SeenVersion]) -> list[Run]:
        """Return the runs of aliased and latest versions that are not mirrored yet."""
        run_of = {(each.name, each.version): each.run_id for each in versions}
        wanted: list[str] = []
        for head in changed:
            leading = {*head.aliases.values(), head.latest_version}
            wanted += [run_of.get((head.name, number), "") for number in leading if number]
        ids = [each for each in dict.fromkeys(wanted) if each]
        with self._store.reading() as session:
            known = {
                run_id
                for start in range(0, len(ids), 500)
                for run_id in repository.runs(session, ids[start : start + 500])
            }
        missing = [each for each in ids if each not in known]
        return self._source.runs(missing) if missing else []

    def _write(self, look: Look, runs: list[Run], report: SyncReport) -> SyncReport:
        changed, gone, versions = look.changed, look.gone, look.versions
        with self._store.unit(SYSTEM) as unit:
            lock_head(unit.session)
            seq = unit.event(
                "model:mirrored",
                ("registry", "default"),
                models=len(changed),
                versions=len(versions),
                runs=len(runs),
                gone=len(gone),
                rows_sha256=mirror.digest_of_rows(changed, versions, runs),
            )
            mirror.write_models(unit, unsettled(unit, look), seq)
            vanished = write_versions(unit, changed, versions, seq)
            mirror.write_runs(unit, runs, seq)
            moves = write_aliases(unit, look, seq)
            for name in gone:
                unit.event("version:vanished", ("model", name), reason="model deleted or renamed")
            mirror.end_models(unit, gone)
        return replace(report, moves=moves, vanished=vanished + len(gone))

    def _watermark(self) -> int:
        with self._store.operational() as session:
            return mirror.state(session).watermark_ms

    def _progress(self, models: int) -> Callable[[int], None]:
        expected = max(1, models * 10)

        def say(done: int) -> None:
            with self._store.operational() as session:
                mirror.state(session).progress = min(0.99, done / expected)

        return say

    def _succeeded(self, models: int, watermark: int, skipped: list[str]) -> None:
        with self._store.operational() as session:
            row = mirror.state(session)
            row.at, row.ok, row.reason, row.failing_since = self._store.clock.now(), True, "", None
            row.models, row.watermark_ms, row.skipped = models, watermark, skipped
            row.progress = 1.0
            row.versions = mirror.count_versions(session)

    def _failed(self, reason: str) -> None:
        now = self._store.clock.now()
        with self._store.operational() as session:
            row = mirror.state(session)
            begins = row.failing_since is None
            row.ok, row.reason, row.failing_since = False, reason, row.failing_since or now
        if begins:
            log.warning("mirror cannot be refreshed", reason=reason)
            with self._store.unit(SYSTEM) as unit:
                unit.event("sync:failed", ("registry", "default"), reason=reason)
