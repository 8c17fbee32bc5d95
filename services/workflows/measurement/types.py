"""What a measurement works with."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from services.facts.evidence.service import EvidenceStore
from services.facts.registry.service import Registry
from services.facts.registry.types import Run, SeenVersion
from services.record.archive.service import Archive
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.standards.policy.types import Policy

if TYPE_CHECKING:
    from services.facts.scoring.service import Scorer


class Source(Protocol):
    """Where a version's files come from."""

    def version(self, name: str, number: int) -> SeenVersion:
        """Return a version as it stands now."""
        ...

    def download_version(self, name: str, version: int, into: Path) -> None:
        """Download the files of a version."""
        ...

    def download_run_folder(self, run_id: str, folder: str, into: Path) -> bool:
        """Download a folder of a run's artifacts."""
        ...

    def runs(self, run_ids: list[str]) -> list[Run]:
        """Return runs by id."""
        ...


class PolicySource(Protocol):
    """Where the policy of a model is found."""

    def __call__(self, name: str) -> Policy | None:
        """Return the policy that applies to a model, None when nobody governs it."""
        ...


@dataclass(frozen=True)
class Instruments:
    """What a measurement works with.

    Attributes
    ----------
    jobs
        The folder under which each task has one of its own.
    """

    store: Store
    tasks: Tasks
    evidence: EvidenceStore
    registry: Registry
    source: Source
    scorer: "Scorer"
    policy: PolicySource
    archive: Archive
    jobs: Path
