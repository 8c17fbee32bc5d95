"""The nouns of the registry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kernel.identity import ModelRef


@dataclass(frozen=True)
class Model:
    """A registered model.

    Attributes
    ----------
    aliases
        Version by alias.
    """

    name: str
    description: str
    tags: Mapping[str, str]
    aliases: Mapping[str, int]
    latest_version: int | None
    created_at: datetime
    mirrored_at: datetime


@dataclass(frozen=True)
class Version:
    """One version of a registered model."""

    ref: ModelRef
    created_at: datetime
    status: str
    description: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Dataset:
    """A data set that a run says it read.

    Attributes
    ----------
    digest
        MLflow's own, 8 digits: it covers the first 10,000 rows alone.
    sha256
        The full digest, where the trainer logged one.
    """

    name: str
    context: str
    digest: str
    source: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class DataInput:
    """Rows that a run read, as the console writes it down.

    Attributes
    ----------
    context
        ``training`` or ``evaluation``.
    source
        Where they came from, without credentials.
    """

    name: str
    context: str
    sha256: str
    source: str


@dataclass(frozen=True)
class Run:
    """The run a version came from."""

    run_id: str
    experiment_id: str
    user: str | None
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    git_commit: str | None
    metrics: Mapping[str, float]
    params: Mapping[str, str]
    tags: Mapping[str, str]
    datasets: tuple[Dataset, ...] = ()


@dataclass(frozen=True, slots=True)
class AliasMove:
    """An alias that began or ceased to point at a version.

    Attributes
    ----------
    from_version, to_version
        None where it pointed at nothing.
    source
        ``first seen``, ``sync`` (somebody moved it), or ``promotion``.
    """

    name: str
    alias: str
    from_version: int | None
    to_version: int | None
    to_run_id: str | None
    observed_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class SyncState:
    """How fresh the mirror is.

    Attributes
    ----------
    at
        The last time that MLflow was read well; None before the first.
    reason
        Why the last try failed; empty when it did not.
    """

    at: datetime | None
    ok: bool
    reason: str
    models: int
    versions: int
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weight:
    """What files come to, in bytes."""

    size: int
    files: int

    def __add__(self, other: "Weight") -> "Weight":
        return Weight(self.size + other.size, self.files + other.files)


@dataclass(frozen=True)
class Head:
    """A registered model as one request returns it."""

    name: str
    description: str
    tags: Mapping[str, str]
    aliases: Mapping[str, int]
    latest_version: int | None
    created_ms: int
    sha256: str


@dataclass(frozen=True)
class SeenVersion:
    """A version as MLflow returns it."""

    name: str
    version: int
    run_id: str
    source_uri: str
    created_ms: int
    updated_ms: int
    status: str
    description: str
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Change:
    """What a sync found."""

    heads: tuple[Head, ...]
    versions: tuple[SeenVersion, ...]
    runs: tuple[Run, ...]
    gone: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
