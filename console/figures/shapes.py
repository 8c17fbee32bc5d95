"""Two distributions of one feature over the same bars: what was then, and what is now."""

from dataclasses import dataclass
from functools import lru_cache

import plotly.graph_objects as go

from console.figures.template import figure, label, safe
from console.theme import MODES

_LONGEST = 16


@dataclass(frozen=True, slots=True)
class Bars:
    """One distribution: what it is called, and the share of each bar, in [0, 1]."""

    name: str
    shares: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Shapes:
    """Two distributions over the same bars.

    Attributes
    ----------
    edges
        Of the bars of a number, one more than there are bars; empty where bars have names.
    beyond
        Whether the first and the last bar hold all rows outside of the reference's range.
    names
        Of the bars of a category, or of a number with few values.
    """

    feature: str
    one: Bars
    two: Bars
    edges: tuple[float, ...] = ()
    beyond: tuple[bool, bool] = (False, False)
    names: tuple[str, ...] = ()


@lru_cache(maxsize=128)
def two_shapes(shapes: Shapes, mode: str) -> go.Figure:
    """Draw the first as grey bars and the second as a line of steps, or as bars beside."""
    chart = figure(mode)
    (_named if shapes.names else _numbers)(chart, shapes, mode)
    c = MODES[mode]["categorical"]
    words = f"{label(c[5], shapes.one.name)}   {label(c[0], shapes.two.name)}"
    chart.add_annotation(x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom",
                         text=words, showarrow=False, font_size=11)  # fmt: skip
    chart.update_layout(margin_t=26)
    chart.update_yaxes(tickformat=".0%", nticks=4, rangemode="tozero")
    return chart


def _numbers(chart: go.Figure, shapes: Shapes, mode: str) -> None:
    c = MODES[mode]["categorical"]
    ends = list(zip(shapes.edges, shapes.edges[1:], strict=False))
    middle = [(a + b) / 2 for a, b in ends]
    where = [f"{a:,.4g} to {b:,.4g}" for a, b in ends]
    if shapes.beyond[0]:
        where[0] = f"below {ends[0][1]:,.4g}, outside of the reference"
    if shapes.beyond[1]:
        where[-1] = f"above {ends[-1][0]:,.4g}, outside of the reference"
    chart.add_bar(
        x=middle, y=list(shapes.one.shares), width=[(b - a) * 0.96 for a, b in ends],
        marker_color=c[5], opacity=0.55, hoverinfo="skip",
    )  # fmt: skip
    chart.add_scatter(
        x=[x for pair in ends for x in pair], y=[s for s in shapes.two.shares for _ in (0, 1)],
        mode="lines", line={"color": c[0], "width": 2.25}, hoverinfo="skip",
    )  # fmt: skip
    chart.add_scatter(
        x=middle, y=list(map(max, shapes.one.shares, shapes.two.shares)), mode="markers",
        marker={"size": 14, "opacity": 0}, text=_words(shapes, where),
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    outside = "; the outermost bar holds all that lies beyond" if any(shapes.beyond) else ""
    chart.update_xaxes(title_text=safe(shapes.feature) + outside, nticks=7)


def _named(chart: go.Figure, shapes: Shapes, mode: str) -> None:
    c = MODES[mode]["categorical"]
    x = list(range(len(shapes.names)))
    said = _words(shapes, list(shapes.names))
    for bars, colour, faint in ((shapes.one, c[5], 0.55), (shapes.two, c[0], 1.0)):
        chart.add_bar(
            x=x, y=list(bars.shares), marker_color=colour, opacity=faint, text=said,
            textposition="none", hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    short = [n if len(n) <= _LONGEST else n[: _LONGEST - 1] + "…" for n in shapes.names]
    chart.update_layout(barmode="group", bargap=0.3, bargroupgap=0.05)
    chart.update_xaxes(
        tickvals=x, ticktext=[safe(n) for n in short], ticks="", title_text=safe(shapes.feature)
    )


def _words(shapes: Shapes, where: list[str]) -> list[str]:
    one, two = shapes.one, shapes.two
    return [
        safe(f"{place}: {one.name} {a:.1%}, {two.name} {b:.1%}")
        for place, a, b in zip(where, one.shares, two.shares, strict=True)
    ]
