"""Figures of a benchmark: value and peer from the same run, a ratio, a goal."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "var" / "bench"


@dataclass(frozen=True)
class Figure:
    """One figure; ``peer`` and ``ratio`` are None where nothing stands beside it."""

    name: str
    value: float
    unit: str
    goal: str
    peer: float | None = None
    ratio: float | None = None


def write(name: str, figures: list[Figure]) -> None:
    """Write and print the figures of one benchmark."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps([asdict(f) for f in figures], indent=1) + "\n")
    for each in figures:
        beside = f"  (beside it {each.peer:.3g}, ratio {each.ratio:.3g})" if each.ratio else ""
        print(
            f"  {each.name:<24} {each.value:>10.3f} {each.unit:<4} goal {each.goal}{beside}",
            flush=True,
        )
