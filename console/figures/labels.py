"""Names at the ends of lines, one under the other where the ends are close."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from console.figures.template import label

_PLOT, _APART = 140, 14
_PER_CHARACTER, _LONGEST = 7, 22


@dataclass(frozen=True, slots=True, order=True)
class Named:
    """Where a line ends, in its unit, and what it is called."""

    value: float
    colour: str
    name: str


def line_names(chart: go.Figure, named: Sequence[Named], ends: tuple[float, float]) -> None:
    """Write the names at the right; ``ends`` are those of the axis."""
    rows = sorted(named, reverse=True)
    pixels = [(row.value - ends[0]) / (ends[1] - ends[0]) * _PLOT for row in rows]
    for row, pixel, place in zip(rows, pixels, apart(pixels), strict=True):
        short = row.name if len(row.name) <= _LONGEST else row.name[: _LONGEST - 1] + "…"
        chart.add_annotation(
            x=1, xref="x domain", y=row.value, yshift=round(place - pixel), showarrow=False,
            text=label(row.colour, short), xanchor="left", xshift=4, font_size=11,
        )  # fmt: skip
    longest = max((min(len(row.name), _LONGEST) for row in rows), default=0)
    chart.update_layout(margin_r=24 + _PER_CHARACTER * longest)


def apart(pixels: Sequence[float]) -> list[float]:
    """Return heights, the highest first, moved as little as keeps them apart and above the axis."""
    found: list[float] = []
    for each in pixels:
        found.append(min(each, found[-1] - _APART) if found else each)
    lowest = _APART / 2
    for place in range(len(found) - 1, -1, -1):
        found[place] = max(found[place], lowest)
        lowest = found[place] + _APART
    return found
