"""Impact ratios by group against the reference, with the four-fifths line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from console.figures.template import figure, limit_line, safe, whisker
from console.format import interval
from console.theme import MODES


@dataclass(frozen=True, slots=True)
class RatioPoint:
    """The ratio of one group.

    Attributes
    ----------
    ratio
        None when too few rows were there to tell.
    status
        ``pass``, ``fail`` or ``unknown``; the reference has ``none``.
    """

    group: str
    n: int
    ratio: float | None
    lo: float | None
    hi: float | None
    status: str


def by_group(points: Sequence[RatioPoint], mode: str, *, limit: float | None) -> go.Figure:
    """Draw one line a group, the first on top; what was not measured is hatched."""
    chart = figure(mode)
    ends = [x for p in points for x in (p.ratio, p.lo, p.hi) if x is not None] + [1.0]
    if limit is not None:
        ends.append(limit)
    left, right = min(ends) - 0.04, max(ends) + 0.04
    rows = list(reversed(points))
    for place, point in enumerate(rows):
        if point.ratio is None:
            _unmeasured(chart, mode, point, (place, left, right))
        else:
            _measured(chart, mode, point, (place, right))
    if limit is not None:
        limit_line(chart, mode, limit, f"limit {limit:.2f}", axis="x")
    room = 0.36 * (right - left)
    chart.update_xaxes(range=[left, right + room], showgrid=True, nticks=6, tickformat=".1f")
    names = [safe(p.group if len(p.group) <= 28 else p.group[:27] + "…") for p in rows]
    chart.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=names, showgrid=False,
        range=[-0.6, len(rows) - 0.2], tickfont_color=MODES[mode]["text"],
    )  # fmt: skip
    return chart


def _unmeasured(
    chart: go.Figure, mode: str, point: RatioPoint, at: tuple[int, float, float]
) -> None:
    place, left, right = at
    c = MODES[mode]
    pattern = {"shape": "/", "size": 5, "solidity": 0.25, "fgcolor": c["unknown"]["mark"],
               "bgcolor": c["background"]}  # fmt: skip
    chart.add_bar(
        x=[right - left], base=[left], y=[place], orientation="h", width=0.5,
        marker={"color": c["background"], "pattern": pattern},
        hovertemplate="Not measured<extra></extra>",
    )  # fmt: skip
    chart.add_annotation(
        x=(left + right) / 2, y=place, text=f"too few: n = {point.n:,}", showarrow=False,
        font={"size": 11, "color": c["text"]}, bgcolor=c["background"], borderpad=2,
    )  # fmt: skip


def _measured(chart: go.Figure, mode: str, point: RatioPoint, at: tuple[int, float]) -> None:
    place, right = at
    c = MODES[mode]
    ratio = point.ratio or 0.0
    if point.status == "none":
        marker: dict[str, Any] = {
            "symbol": "line-ns-open", "size": 12, "line": {"width": 2}, "color": c["muted"]
        }  # fmt: skip
        chart.add_scatter(x=[ratio], y=[place], mode="markers", marker=marker,
                          hovertemplate="reference<extra></extra>")  # fmt: skip
        return
    colour = c["categorical"][0] if point.status == "pass" else c[point.status]["mark"]
    shape = {"pass": "circle", "fail": "diamond"}.get(point.status, "circle-open")
    low, high = (ratio if x is None else x for x in (point.lo, point.hi))
    shown = interval(ratio, point.lo, point.hi)
    chart.add_scatter(
        x=[ratio], y=[place], mode="markers",
        marker={"size": 9, "color": colour, "symbol": shape},
        error_x=whisker(([ratio], [low], [high]), colour),
        hovertemplate=f"{shown}, n = {point.n:,}<extra></extra>",
    )  # fmt: skip
    chart.add_annotation(x=right, y=place, text=shown, xanchor="left", showarrow=False,
                         font_size=11)  # fmt: skip
