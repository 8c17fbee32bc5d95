"""What moves the answers of a version: global importance, and how it was computed."""

from dataclasses import dataclass

from console.figures.bars import Importance


@dataclass(frozen=True, slots=True)
class ExplanationsView:
    """Bars, ranks beside those of another version, and the facts of the computation."""

    name: str
    version: int
    compare: int | None
    bars: tuple[Importance, ...]
    ranks: tuple[tuple[str, str, str, str], ...]
    unit: str
    facts: tuple[tuple[str, str], ...]
    source: str
    more: int = 0
    missing: str = ""
