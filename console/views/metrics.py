"""The metric catalogue: one name, unit, direction, definition and source each."""

from dataclasses import dataclass

from services.kernel.metric import CATALOGUE

_BETTER = {"higher": "higher is better", "lower": "lower is better", "none": "neither is better"}


@dataclass(frozen=True, slots=True)
class MetricEntry:
    """One metric of the catalogue."""

    name: str
    words: str
    unit: str
    better: str
    definition: str
    source: str


@dataclass(frozen=True, slots=True)
class MetricsView:
    """The catalogue by family, filtered by a text."""

    families: tuple[tuple[str, tuple[MetricEntry, ...]], ...]
    shown: int
    total: int


def load(query: str = "") -> MetricsView:
    """Return the metrics whose name, words or definition hold the text; empty means all."""
    wanted = query.casefold().strip()
    families: dict[str, list[MetricEntry]] = {}
    for each in CATALOGUE.values():
        if wanted in f"{each.name} {each.words} {each.definition}".casefold():
            unit = "fraction or index" if each.unit == "1" else each.unit
            entry = MetricEntry(
                each.name, each.words, unit, _BETTER[each.direction], each.definition, each.source
            )
            families.setdefault(each.family, []).append(entry)
    groups = tuple((name, tuple(rows)) for name, rows in families.items())
    return MetricsView(groups, sum(len(rows) for _, rows in groups), len(CATALOGUE))
