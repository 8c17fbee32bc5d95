"""The look of every chart: one Plotly template a mode, and the marks that mean something.

Drawn with ``theme=None``, because Streamlit's own theme would overwrite ours. Backgrounds are
transparent, so a chart stands on a card as well as on the page.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import plotly.graph_objects as go

from console.theme import MODES

FONT = "Countersign Sans, system-ui, sans-serif"
CONFIG = {"displayModeBar": False, "scrollZoom": False, "showTips": False}
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")  # a second sign beside colour


def ramp(colours: list[str]) -> list[list[object]]:
    """Spread colours evenly over [0, 1], as Plotly wants a colour scale."""
    return [[i / (len(colours) - 1), colour] for i, colour in enumerate(colours)]


@cache
def template(mode: str) -> go.layout.Template:
    """Build the template for ``light`` or ``dark``."""
    c = MODES[mode]
    axis = {
        "gridcolor": c["faint"], "linecolor": c["border"], "tickcolor": c["border"],
        "zerolinecolor": c["border"], "zeroline": False, "ticks": "outside", "ticklen": 4,
        "tickfont": {"color": c["muted"], "size": 11},
        "title": {"font": {"color": c["muted"], "size": 12}, "standoff": 8}, "automargin": True,
    }  # fmt: skip
    bar = {
        "thickness": 8, "outlinewidth": 0, "ticks": "",
        "tickfont": {"size": 11, "color": c["muted"]}, "len": 1,
    }  # fmt: skip
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 12, "color": c["text"]},
            "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": c["categorical"],
            "colorscale": {"sequential": ramp(c["sequential"]), "diverging": ramp(c["diverging"])},
            "coloraxis": {"colorbar": bar},
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "pad": 0},
            "xaxis": {**axis, "showgrid": False, "showline": True},
            "yaxis": {**axis, "showgrid": True, "showline": False, "ticks": ""},
            "showlegend": False,
            "hoverlabel": {"bgcolor": c["raised"], "bordercolor": c["control"], "align": "left",
                           "font": {"family": FONT, "size": 12, "color": c["text"]}},
            "hovermode": "closest", "bargap": 0.35, "dragmode": False, "separators": ".,",
        },
        data={
            "scatter": [{"line": {"width": 1.75}, "marker": {"size": 6}}],
            "bar": [{"marker": {"line": {"width": 0}}}],
            "heatmap": [{"xgap": 2, "ygap": 2, "colorscale": ramp(c["sequential"])}],
        },
    )  # fmt: skip


def figure(mode: str) -> go.Figure:
    """Return an empty figure in a mode."""
    return go.Figure(layout={"template": template(mode)})


def label(colour: str, words: str) -> str:
    """Return a direct label: the colour on a dot, the words in ink."""
    return f'<span style="color:{colour}">●</span> {safe(words)}'


def safe(words: str) -> str:
    """Return data for a place where Plotly reads tags: none are left."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def limit_line(chart: go.Figure, mode: str, at: float, words: str, *, axis: str = "y") -> None:
    """Draw the limit that decides: a dashed line in ink, its words on the line."""
    c = MODES[mode]
    note: dict[str, Any] = {
        "text": safe(words), "showarrow": False, "font": {"size": 11, "color": c["text"]},
        "bgcolor": c["background"], "borderpad": 1,
    }  # fmt: skip
    line = {"width": 1.25, "dash": "4px,3px", "color": c["text"]}
    if axis == "y":
        chart.add_hline(at, line=line)
        chart.add_annotation(x=0, xref="x domain", y=at, xanchor="left", yanchor="bottom", **note)
    else:
        chart.add_vline(at, line=line)
        chart.add_annotation(
            x=at, y=1, yref="y domain", xanchor="left", yanchor="top", xshift=3, **note
        )


def breaches(
    chart: go.Figure, mode: str, x: Sequence[Any], y: Sequence[float], words: Sequence[str],
    *, size: int = 11,
) -> None:  # fmt: skip
    """Mark what crossed a limit: an open diamond over the line."""
    mark = {"symbol": "diamond-open", "size": size, "color": MODES[mode]["fail"]["mark"],
            "line": {"width": 2 if size > 8 else 1.25}}  # fmt: skip
    chart.add_scatter(
        x=list(x), y=list(y), mode="markers", marker=mark, text=[safe(each) for each in words],
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def hatching(mode: str) -> dict[str, Any]:
    """Return the marker of a bar over what was not measured."""
    c = MODES[mode]
    pattern = {"shape": "/", "size": 5, "solidity": 0.25, "fgcolor": c["unknown"]["mark"],
               "bgcolor": c["background"]}  # fmt: skip
    return {"color": c["background"], "pattern": pattern, "line": {"width": 0}}


def whisker(values: tuple[list[float], list[float], list[float]], colour: str) -> dict[str, object]:
    """Return error bars for estimates with lower and upper ends: thin, without caps."""
    value, low, high = values
    return {
        "type": "data", "symmetric": False, "thickness": 2, "width": 0, "color": colour,
        "array": [h - v for v, h in zip(value, high, strict=True)],
        "arrayminus": [v - lo for lo, v in zip(low, value, strict=True)],
    }  # fmt: skip
