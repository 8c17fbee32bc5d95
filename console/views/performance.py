"""How well a version does, and how that changed from version to version."""

from dataclasses import dataclass

from console.figures.versions import VersionPoint


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric of this version beside the same of the version compared with."""

    metric: str
    words: str
    value: str
    other: str
    change: str
    n: str
    method: str
    definition: str


@dataclass(frozen=True, slots=True)
class PerformanceView:
    """Metrics with intervals, and one metric over versions.

    Attributes
    ----------
    missing
        Why there is nothing to show; empty when there is.
    snippet
        The lines of training code that log an evaluation set.
    """

    name: str
    version: int
    compare: int | None
    rows: tuple[MetricRow, ...]
    segments: tuple[MetricRow, ...]
    metrics: tuple[tuple[str, str], ...]
    chosen: str
    chosen_words: str
    points: tuple[VersionPoint, ...]
    limit: float | None
    limit_words: str
    source: str
    missing: str = ""
    snippet: str = ""
