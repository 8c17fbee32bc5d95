"""What is left of a budget, day by day: what was, what is likely, and how far it may be off."""

from dataclasses import dataclass
from datetime import date, timedelta

import plotly.graph_objects as go

from console.figures.template import figure, label, limit_line, safe
from console.theme import MODES

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Burn:
    """What is left at the end of each day of a period, in units of the currency, for drawing alone.

    Attributes
    ----------
    amount
        Left at the beginning of the first day.
    left
        At the end of each day until today.
    ahead
        Likely, lowest and highest left at the end of each day from today on; empty where nobody can tell.
    marks
        Where thresholds stand, and their words.
    """

    start: date
    days: int
    amount: float
    currency: str
    left: tuple[float, ...]
    ahead: tuple[tuple[float, float, float], ...] = ()
    marks: tuple[tuple[float, str], ...] = ()


def burn_down(burn: Burn, mode: str) -> go.Figure:
    """Draw what is left falling towards nothing, beside an even spend, and the forecast with its ends."""
    chart, c = figure(mode), MODES[mode]
    colours = c["categorical"]
    ends = [burn.start, burn.start + burn.days * DAY]
    chart.add_scatter(
        x=ends, y=[burn.amount, 0], mode="lines", hoverinfo="skip",
        line={"width": 1, "color": colours[5]},
    )  # fmt: skip
    _ahead(chart, burn, mode)
    at = [burn.start + place * DAY for place in range(len(burn.left) + 1)]
    left = [burn.amount, *burn.left]
    words = [f"{_day(x - DAY)}: {y:,.2f} {burn.currency} left" for x, y in zip(at, left, strict=True)]  # fmt: skip
    words[0] = f"{burn.amount:,.2f} {burn.currency} at the beginning"
    chart.add_scatter(
        x=at, y=left, mode="lines", line={"color": colours[0], "shape": "hv", "width": 2},
        text=[safe(each) for each in words], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    for value, said in burn.marks:
        chart.add_annotation(
            x=1, xref="paper", y=value, xanchor="right", yanchor="bottom", showarrow=False,
            text=safe(said), font={"size": 11, "color": c["muted"]},
        )  # fmt: skip
        chart.add_hline(value, line={"width": 0.75, "color": c["border"]})
    limit_line(chart, mode, 0, "used up")
    _names(chart, burn, colours)
    chart.update_xaxes(tickformat="%-d %b", nticks=8, range=ends)
    chart.update_yaxes(title_text=safe(burn.currency), nticks=5)
    return chart


def _ahead(chart: go.Figure, burn: Burn, mode: str) -> None:
    if not burn.ahead:
        return
    colour = MODES[mode]["categorical"][1]
    first = len(burn.left) - 1
    at = [burn.start + (first + place) * DAY for place in range(len(burn.ahead) + 1)]
    before = burn.left[first - 1] if first else burn.amount
    likely, low, high = ([before, *(each[n] for each in burn.ahead)] for n in range(3))
    chart.add_scatter(
        x=[*at, *reversed(at)], y=[*high, *reversed(low)], mode="lines", fill="toself",
        line={"width": 0}, fillcolor=colour, opacity=0.18, hoverinfo="skip",
    )  # fmt: skip
    words = [f"{_day(x - DAY)}: likely {y:,.2f}, {a:,.2f} to {b:,.2f} {burn.currency} left"
             for x, y, a, b in zip(at, likely, low, high, strict=True)]  # fmt: skip
    chart.add_scatter(
        x=at, y=likely, mode="lines", line={"color": colour, "dash": "dash"},
        text=[safe(each) for each in words], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _names(chart: go.Figure, burn: Burn, colours: list[str]) -> None:
    names = [label(colours[0], "left"), label(colours[5], "spent evenly")]
    if burn.ahead:
        names.insert(1, label(colours[1], "likely, four in five within the band"))
    chart.add_annotation(
        x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom",
        text="   ".join(names), showarrow=False, font_size=11,
    )  # fmt: skip
    chart.update_layout(margin_t=26)


def _day(at: date) -> str:
    return f"{at.day} {at:%b}"
