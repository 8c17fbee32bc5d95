"""Money over time as stacked bars: one bar a day or a month, one colour a kind."""

from dataclasses import dataclass

import plotly.graph_objects as go

from console.figures.template import figure, label, limit_line, safe
from console.theme import MODES

_MANY = 10


@dataclass(frozen=True, slots=True)
class Part:
    """One kind over all places.

    Attributes
    ----------
    place
        Its colour, the same wherever the kind is drawn.
    values
        In units of the currency, for drawing alone.
    words
        What is read when a bar is pointed at.
    """

    name: str
    place: int
    values: tuple[float, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """Parts that add up in each place.

    Attributes
    ----------
    places
        Words under the bars, in order.
    limit
        A line that decides, such as a budget; None for none.
    """

    places: tuple[str, ...]
    parts: tuple[Part, ...]
    currency: str
    limit: float | None = None
    limit_words: str = ""


def stacked(stack: Stack, mode: str) -> go.Figure:
    """Draw the bars, the names of their colours above them."""
    chart, colours = figure(mode), MODES[mode]["categorical"]
    x = list(range(len(stack.places)))
    for part in stack.parts:
        chart.add_bar(
            x=x, y=list(part.values), marker_color=colours[part.place], textposition="none",
            text=[safe(each) for each in part.words], hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    names = "   ".join(label(colours[part.place], part.name) for part in stack.parts)
    chart.add_annotation(
        x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", text=names,
        showarrow=False, font_size=11,
    )  # fmt: skip
    if stack.limit is not None:
        limit_line(chart, mode, stack.limit, stack.limit_words)
    step = max(1, -(-len(x) // _MANY))
    chart.update_layout(barmode="relative", bargap=0.25, margin_t=26)
    chart.update_xaxes(
        tickvals=x[::step],
        ticktext=[safe(each) for each in stack.places[::step]],
        ticks="",
        tickangle=0,
    )
    chart.update_yaxes(
        title_text=safe(stack.currency), nticks=5, rangemode="tozero", exponentformat="none"
    )
    return chart
