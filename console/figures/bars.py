"""Importance of features: bars from zero, the longest on top, beside those of another version."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from console.figures.template import figure, label, safe
from console.format import number
from console.theme import MODES


@dataclass(frozen=True, slots=True)
class Importance:
    """How much one feature moves the output.

    Attributes
    ----------
    value
        Mean absolute attribution, in the unit of the explained output; 0 or more.
    other
        The same of the version compared with, or None.
    """

    feature: str
    value: float
    other: float | None = None


def importance(
    rows: Sequence[Importance], mode: str, *, unit: str, names: tuple[str, str]
) -> go.Figure:
    """Draw importances; ``names`` are this version and the one compared with."""
    colours = MODES[mode]["categorical"]
    chart = figure(mode)
    shown = list(reversed(rows))
    ticks = [safe(r.feature if len(r.feature) <= 34 else r.feature[:33] + "…") for r in shown]
    y = list(range(len(shown)))
    compared = any(r.other is not None for r in rows)
    if compared:
        chart.add_scatter(
            x=[r.other for r in shown], y=y, mode="markers",
            marker={"symbol": "line-ns-open", "size": 13, "color": colours[1],
                    "line": {"width": 2.5}},
            text=[f"{names[1]}: {number(r.other)}" for r in shown],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    chart.add_bar(
        x=[r.value for r in shown], y=y, orientation="h", marker_color=colours[0], width=0.62,
        text=[f"{names[0]}: {number(r.value)}" for r in shown], textposition="none",
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    chart.update_yaxes(tickvals=y, ticktext=ticks, showgrid=False, ticks="",
                       tickfont_color=MODES[mode]["text"])  # fmt: skip
    chart.update_xaxes(title_text=f"mean absolute attribution, {safe(unit)}", showgrid=True,
                       rangemode="tozero", nticks=6)  # fmt: skip
    if compared:
        words = f"{label(colours[0], names[0])}   {label(colours[1], names[1])}"
        chart.add_annotation(x=1, y=0, xref="paper", yref="paper", xanchor="right",
                             yanchor="bottom", text=words, showarrow=False, font_size=11)  # fmt: skip
    return chart
