"""How far features moved beside how much they move the answer: what needs a person stands top right."""

from dataclasses import dataclass
from functools import lru_cache

import plotly.graph_objects as go

from console.figures.template import breaches, figure, limit_line, safe
from console.theme import MODES

_NAMED = 6
_LONGEST = 18
_WIDE, _HIGH, _PLOT = 0.3, 0.07, 180


@dataclass(frozen=True, slots=True)
class Weighed:
    """One feature.

    Attributes
    ----------
    importance
        Share of all importance, in [0, 1].
    beyond
        Whether its distance is certainly beyond the limit.
    """

    feature: str
    importance: float
    distance: float
    words: str
    beyond: bool


@dataclass(frozen=True, eq=False)
class Quadrant:
    """All features that have both numbers, and the limit of the distance."""

    features: tuple[Weighed, ...]
    statistic: str
    limit: float | None = None
    limit_words: str = ""


@lru_cache(maxsize=128)
def drift_by_importance(quadrant: Quadrant, mode: str) -> go.Figure:
    """Draw one point a feature; the names stand beside those that weigh most."""
    c = MODES[mode]
    chart = figure(mode)
    calm = [f for f in quadrant.features if not f.beyond]
    chart.add_scatter(
        x=[f.importance for f in calm], y=[f.distance for f in calm], mode="markers",
        marker={"size": 8, "color": c["categorical"][0]}, text=[safe(f.words) for f in calm],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    moved = [f for f in quadrant.features if f.beyond]
    if moved:
        breaches(
            chart, mode, [f.importance for f in moved], [f.distance for f in moved],
            [f"{f.words}, beyond the limit" for f in moved],
        )  # fmt: skip
    top = max([f.distance for f in quadrant.features] + [quadrant.limit or 0.0]) or 1.0
    wide = max((f.importance for f in quadrant.features), default=1.0) or 1.0
    _names(chart, quadrant, (wide, top))
    if quadrant.limit is not None:
        limit_line(chart, mode, quadrant.limit, quadrant.limit_words)
    chart.update_yaxes(range=[0, 1.15 * top], title_text=safe(quadrant.statistic), nticks=5)
    chart.update_xaxes(range=[0, 1.25 * wide], tickformat=".0%", nticks=5, showgrid=True,
                       title_text="share of all importance")  # fmt: skip
    return chart


def _names(chart: go.Figure, quadrant: Quadrant, ends: tuple[float, float]) -> None:
    """Name those that weigh most; a name steps up where another stands."""
    taken: list[tuple[float, float]] = []
    for each in sorted(quadrant.features, key=lambda f: -f.importance * f.distance)[:_NAMED]:
        x, y = each.importance / ends[0], each.distance / ends[1]
        while any(abs(x - a) < _WIDE and abs(y - b) < _HIGH for a, b in taken):
            y += _HIGH
        taken.append((x, y))
        short = each.feature
        short = short if len(short) <= _LONGEST else short[: _LONGEST - 1] + "…"
        chart.add_annotation(
            x=each.importance, y=each.distance, text=safe(short), showarrow=False, xanchor="left",
            xshift=8, yshift=(y - each.distance / ends[1]) * _PLOT, font_size=11,
        )  # fmt: skip
