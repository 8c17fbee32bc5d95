"""One measurement over the versions of a model: the x-axis is the version, not the time."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from console.figures.template import figure, limit_line, safe, whisker
from console.format import interval
from console.theme import MODES


@dataclass(frozen=True, slots=True)
class VersionPoint:
    """A measurement of one version.

    Attributes
    ----------
    lo, hi
        Ends of the interval, or None when none was filed.
    outside
        Whether the estimate is outside the limit.
    note
        A word over the point, such as an alias.
    """

    version: int
    value: float
    lo: float | None
    hi: float | None
    n: int | None
    outside: bool = False
    note: str = ""


def over_versions(
    points: Sequence[VersionPoint], mode: str, *, limit: float | None, limit_words: str = ""
) -> go.Figure:
    """Draw estimates with intervals by version, the limit as a dashed line."""
    colours = MODES[mode]
    chart = figure(mode)
    x = [f"v{p.version}" for p in points]
    y = [p.value for p in points]
    low = [p.value if p.lo is None else p.lo for p in points]
    high = [p.value if p.hi is None else p.hi for p in points]
    ink = colours["categorical"][0]
    chart.add_scatter(
        x=x, y=y, mode="lines+markers", line_color=ink, marker_size=7,
        error_y=whisker((y, low, high), ink),
        text=[_words(p, limit) for p in points], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    _breaches(chart, points, mode, limit)
    for point, top in zip(points, high, strict=True):
        if point.note:
            chart.add_annotation(
                x=f"v{point.version}", y=top, text=safe(point.note), showarrow=False,
                yshift=10, font_size=11,
            )  # fmt: skip
    if limit is not None:
        limit_line(chart, mode, limit, limit_words)
    ends = [*low, *high, *([limit] if limit is not None else [])]
    pad = 0.18 * ((max(ends) - min(ends)) or 0.1)
    chart.update_yaxes(range=[min(ends) - pad, max(ends) + 1.4 * pad], nticks=5)
    chart.update_xaxes(type="category")
    return chart


def _breaches(
    chart: go.Figure, points: Sequence[VersionPoint], mode: str, limit: float | None
) -> None:
    beyond = [p for p in points if p.outside]
    mark = {"symbol": "diamond-open", "size": 12, "color": MODES[mode]["fail"]["mark"],
            "line": {"width": 2}}  # fmt: skip
    if beyond:
        chart.add_scatter(
            x=[f"v{p.version}" for p in beyond], y=[p.value for p in beyond], mode="markers",
            marker=mark, text=[_words(p, limit) + ", outside the limit" for p in beyond],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip


def _words(point: VersionPoint, limit: float | None) -> str:
    shown = interval(point.value, point.lo, point.hi, limit=limit)
    rows = "" if point.n is None else f", n = {point.n:,}"
    return f"v{point.version}: {shown}{rows}"
