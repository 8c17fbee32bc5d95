"""The steps of a promotion: authorise, apply, finish. Each may be done again."""

import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlmodel import Session

from services.decisions.promotion.service import Promotions
from services.decisions.promotion.types import Promotion, PromotionState
from services.facts.registry import mirror
from services.facts.registry.types import SeenVersion
from services.facts.scoring.inspection import digest_of
from services.kernel.error import CountersignError, NotFound, SourceUnavailable
from services.kernel.identity import SYSTEM
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.workflows.promotion.lock import held
from services.workflows.step.service import once
from services.workflows.types import StepFailed

CRASH = "COUNTERSIGN_TEST_CRASH_AT"
TAG = "countersign.promotion"


class Target(Protocol):
    """The registry in which an alias is moved."""

    def alias(self, name: str, alias: str) -> int | None:
        """Return the version an alias points at."""
        ...

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Let an alias point at a version."""
        ...

    def delete_alias(self, name: str, alias: str) -> None:
        """Let an alias point nowhere."""
        ...

    def version(self, name: str, number: int) -> SeenVersion:
        """Return a version as it stands now."""
        ...

    def download_version(self, name: str, version: int, into: Path) -> None:
        """Download the files of a version."""
        ...

    def set_version_tag(self, name: str, version: int, key: str, value: str) -> None:
        """Write a tag to a version."""
        ...


class Approvals(Protocol):
    """Where an approval is derived again, at the moment it is used."""

    def still_approved(self, session: Session, promotion: Promotion) -> str:
        """Return why a promotion may not go on, in one sentence; empty when it may."""
        ...


@dataclass(frozen=True)
class Parts:
    """What a promotion works with.

    Attributes
    ----------
    jobs, locks
        Folders of the workspace.
    """

    store: Store
    tasks: Tasks
    promotions: Promotions
    approvals: Approvals
    target: Target
    jobs: Path
    locks: Path


class Promoting:
    """Moves an alias to what was signed, exactly once."""

    def __init__(self, parts: Parts) -> None:
        self._at = parts

    def authorise(self, task_id: str) -> dict[str, Any]:
        """Derive the approval again and hash the version's files again.

        Returns
        -------
        dict
            ``go`` tells whether the alias may be moved.

        Raises
        ------
        StepFailed
            When the approval no longer holds, or the version is not what was signed.
        """
        promotion = self._promotion(task_id)
        self._at.tasks.progress(task_id, 0.1, "Checking the approval once more")
        if promotion.state is not PromotionState.PENDING:
            return {"go": False}
        with self._at.store.reading() as session:
            against = self._at.approvals.still_approved(session, promotion)
        if against:
            raise StepFailed("NotPermitted", against)
        self._unchanged(task_id, promotion)
        _crash("authorised")
        return {"go": True}

    def apply(self, task_id: str) -> dict[str, Any]:
        """Move the alias under the lock, read it back, and note it in the same breath.

        Raises
        ------
        StepFailed
            ``Conflict`` when somebody else moved the alias since it was signed for.
        SourceUnavailable
            When MLflow does not answer; the step is done again.
        """
        promotion = self._promotion(task_id)
        name, alias = promotion.ref.name, promotion.alias
        version = promotion.target.version if promotion.target else None
        self._at.tasks.progress(task_id, 0.6, f"Moving {alias} to {_said(version)}")
        with held(self._at.store.database, self._at.locks, name, alias):
            if self._promotion(task_id).state is not PromotionState.PENDING:
                return {"moved": False}
            before = self._at.target.alias(name, alias)
            _crash("read")
            self._expected(promotion, before)
            self._move(promotion, before, version)
            _crash("alias_set")
            after = self._at.target.alias(name, alias)
            if after != version:
                raise SourceUnavailable("MLflow did not keep the alias; it is tried again.")
            _crash("read_back")
            return self._note(task_id, promotion, before, after)

    def finish(self, task_id: str) -> None:
        """Tag the version, and end the task."""
        promotion = self._promotion(task_id)
        ref = promotion.ref
        version = promotion.target.version if promotion.target else None
        words = f"{promotion.alias} points at {_said(version)}"
        try:
            self._at.target.set_version_tag(ref.name, ref.version, TAG, promotion.promotion_id)
        except CountersignError as error:
            words += f"; the tag could not be written ({error.message})"
        _crash("done")
        self._at.tasks.succeed(task_id, {"version": version, "words": words})

    def fail(self, task_id: str, failure: StepFailed) -> None:
        """Note that the alias could not be moved; a person decides what follows."""
        promotion = self._promotion(task_id)
        if promotion.state is PromotionState.PENDING:
            with self._at.store.unit(SYSTEM) as unit:
                self._at.promotions.mark_failed(unit, promotion.promotion_id, failure.words)
        self._at.tasks.fail(task_id, failure.words)

    # inside

    def _promotion(self, task_id: str) -> Promotion:
        payload = self._at.tasks.get(task_id).payload
        with self._at.store.reading() as session:
            return self._at.promotions.get(session, str(payload["promotion_id"]))

    def _unchanged(self, task_id: str, promotion: Promotion) -> None:
        """Refuse a version whose run, source or files are not those that were signed."""
        ref = promotion.target
        if ref is None:
            return
        try:
            seen = self._at.target.version(ref.name, ref.version)
        except NotFound as error:
            raise StepFailed("NotFound", f"{ref.label} is gone from MLflow.") from error
        if (seen.run_id, seen.source_uri) != (ref.run_id, ref.source_uri):
            raise StepFailed("Conflict", f"{ref.label} is another version than the one signed for.")
        folder = self._at.jobs / f"{task_id}-files"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            self._at.target.download_version(ref.name, ref.version, folder)
            found = digest_of(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if found != promotion.authorisation.artifact_digest:
            raise StepFailed(
                "IntegrityBroken",
                f"The files of {ref.label} are not those that were signed; it was not promoted.",
            )

    def _expected(self, promotion: Promotion, before: int | None) -> None:
        """Refuse when the alias points at neither what is replaced nor the target."""
        target = promotion.target
        if promotion.is_rollback or before == (target.version if target else None):
            return
        replaces = promotion.authorisation.replaces
        if before != (replaces.version if replaces else None):
            raise StepFailed(
                "Conflict",
                f"{promotion.alias} points at {_said(before)} now, which is not what was signed for; "
                "it was not moved.",
            )

    def _move(self, promotion: Promotion, before: int | None, to: int | None) -> None:
        if to is not None and to != before:
            self._at.target.set_alias(promotion.ref.name, promotion.alias, to)
        elif to is None and before is not None:
            self._at.target.delete_alias(promotion.ref.name, promotion.alias)

    def _note(
        self, task_id: str, promotion: Promotion, before: int | None, after: int | None
    ) -> dict[str, Any]:
        def work(unit: UnitOfWork) -> dict[str, Any]:
            observed = {"before": before, "after": after}
            self._at.promotions.mark_applied(unit, promotion.promotion_id, observed)
            ref, to = promotion.ref, promotion.target
            target = (to.version, to.run_id) if to else None
            known = mirror.standing_aliases(unit.session).get((ref.name, promotion.alias))
            if known != target:
                seq = unit.event(
                    "alias:moved",
                    ("model", ref.name),
                    alias=promotion.alias,
                    before=known[0] if known else None,
                    after=to.version if to else None,
                    run_id=to.run_id if to else None,
                    promotion_id=promotion.promotion_id,
                )
                mirror.write_alias(unit, ref.name, promotion.alias, target, "promotion", seq)
                mirror.forget_head(unit, ref.name, seq)
            _crash("in_transaction")
            return {"moved": True, "before": before, "after": after}

        return once(self._at.store, SYSTEM, f"{task_id}:apply", work)


def _said(version: int | None) -> str:
    return "no version" if version is None else f"version {version}"


def _crash(point: str) -> None:
    """Kill this process where a test asks for it."""
    if os.environ.get(CRASH) == point:
        os.kill(os.getpid(), signal.SIGKILL)
