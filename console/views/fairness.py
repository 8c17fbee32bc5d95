"""The bias audit of a version: groups, ratios, intersections, versions."""

from dataclasses import dataclass

from console.figures.ratios import RatioPoint
from console.figures.versions import VersionPoint


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group; ``rate`` is text and says when the rows are too few."""

    group: str
    n: str
    share: str
    rate: str
    tpr: str
    fpr: str
    precision: str
    few: bool


@dataclass(frozen=True, slots=True)
class FairnessView:
    """What the fairness tab shows for one attribute.

    Attributes
    ----------
    missing
        Why there is nothing to show; empty when there is.
    """

    name: str
    version: int
    status: str
    word: str
    sentence: str
    attributes: tuple[str, ...]
    attribute: str
    reference: str
    favourable: str
    groups: tuple[GroupRow, ...]
    few_note: str
    ratios: tuple[RatioPoint, ...]
    limit: float | None
    points: tuple[VersionPoint, ...]
    gaps: tuple[tuple[str, str, str], ...]
    source: str
    missing_status: str = "unknown"
    missing: str = ""
    snippet: str = ""
