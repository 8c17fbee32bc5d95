"""Filing evidence and finding it again."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.facts.evidence import failures, repository
from services.facts.evidence.types import (
    Evidence,
    EvidenceFailure,
    EvidenceKind,
    Producer,
    Reading,
)
from services.kernel.error import NotFound
from services.kernel.identity import ModelRef, new_id
from services.record.archive.service import Archive
from services.record.canonical import canonical
from services.record.storage.remember import remembered
from services.record.trail.unit_of_work import UnitOfWork


class EvidenceStore:
    """What was measured; it grows and never changes."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def file(
        self, unit: UnitOfWork, ref: ModelRef, reading: Reading, producer: Producer
    ) -> Evidence:
        """File a reading; the same payload of the same task is filed once.

        Notes
        -----
        The payload's digest is taken over its RFC 8785 bytes, which stand in the archive.
        """
        sha256 = self._archive.put(canonical(reading.payload))
        known = repository.filed_by(unit.session, producer.task_id, reading.kind, sha256)
        if known is not None:
            return known
        evidence = Evidence(
            evidence_id=new_id(),
            kind=reading.kind,
            schema=reading.schema,
            subject_kind="version",
            subject=ref,
            alias=reading.alias,
            period_start=reading.period.start if reading.period else None,
            period_end=reading.period.end if reading.period else None,
            produced_at=unit.now,
            producer=producer,
            inputs=reading.inputs,
            parameters=reading.parameters,
            seed=reading.seed,
            payload_sha256=sha256,
            measurements=reading.measurements,
        )
        seq = unit.event(
            "evidence:filed",
            ("version", f"{ref.name}/{ref.version}"),
            evidence_id=evidence.evidence_id,
            kind=reading.kind,
            run_id=ref.run_id,
            payload_sha256=sha256,
            task_id=producer.task_id,
        )
        repository.add(unit.session, evidence, seq)
        return evidence

    def file_failure(
        self, unit: UnitOfWork, ref: ModelRef, kind: EvidenceKind, reason: str, **more: str
    ) -> EvidenceFailure:
        """File that a measurement could not be made.

        Parameters
        ----------
        reason
            One sentence.
        more
            ``limit``: the limit that stopped it, where one did; ``task_id``.
        """
        failure = EvidenceFailure(
            new_id(), kind, ref, reason, more.get("limit", ""), unit.now, more.get("task_id", "")
        )
        seq = unit.event(
            "evidence:failed",
            ("version", f"{ref.name}/{ref.version}"),
            kind=kind,
            run_id=ref.run_id,
            limit=failure.limit,
            reason=reason,
            task_id=failure.task_id,
        )
        failures.add(unit.session, failure, seq)
        return failure

    def by_id(self, session: Session, evidence_id: str) -> Evidence:
        """Return one evidence.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        found = repository.by_id(session, evidence_id)
        if found is None:
            raise NotFound("There is no such evidence.")
        return found

    def all_of(self, session: Session, ref: ModelRef, most: int | None = None) -> list[Evidence]:
        """Return the evidence of a version, latest first; at most so many of each kind."""
        key = ("all evidence", ref, most)
        return remembered(session, key, lambda: repository.of_version(session, ref, None, most))

    def of_period(self, session: Session, ref: ModelRef, end: datetime) -> dict[str, str]:
        """Return the payload digest of what was filed last of a window, by kind."""
        found: dict[str, str] = {}
        for evidence in repository.of_period(session, ref, end):
            found.setdefault(evidence.kind.value, evidence.payload_sha256)
        return found

    def latest(
        self, session: Session, ref: ModelRef, kind: str, at: datetime | None = None
    ) -> Evidence | None:
        """Return the latest evidence of one kind, or None."""
        return self.latest_by_kind(session, ref, at).get(kind)

    def latest_by_kind(
        self, session: Session, ref: ModelRef, at: datetime | None = None
    ) -> dict[str, Evidence]:
        """Return the latest evidence of each kind, now or at an instant."""
        key = ("evidence", ref, at)
        latest = remembered(session, key, lambda: repository.of_version(session, ref, at, 1))
        return {evidence.kind.value: evidence for evidence in latest}

    def latest_for_models(
        self,
        session: Session,
        names: Sequence[str],
        metrics: Sequence[str],
        at: datetime | None = None,
    ) -> dict[tuple[str, int, str], dict[str, Evidence]]:
        """Return the latest evidence of each kind by model, version and run, in a few queries.

        Parameters
        ----------
        metrics
            The numbers that are read; others are left out of what is returned.
        """
        found: dict[tuple[str, int, str], dict[str, Evidence]] = {}
        for evidence in repository.latest_of_models(session, names, metrics, at):
            subject = evidence.subject
            key = (subject.name, subject.version, subject.run_id)
            found.setdefault(key, {})[evidence.kind.value] = evidence
        return found

    def failures(self, session: Session, ref: ModelRef) -> list[EvidenceFailure]:
        """Return the failed measurements of a version, latest first."""
        return failures.of_version(session, ref)

    def payload(self, evidence: Evidence) -> dict[str, Any]:
        """Return the payload, its digest checked on the way out."""
        return json.loads(self._archive.get(evidence.payload_sha256))
