"""Features by windows: how far each moved, hatched where nobody measured, marked beyond the limit."""

from dataclasses import dataclass
from functools import lru_cache

import plotly.graph_objects as go

from console.figures.template import figure, hatching, safe
from console.theme import MODES

ROW, FRAME = 22, 64
_MOST_TICKS = 9
_LONGEST = 24


@dataclass(frozen=True, slots=True)
class Cell:
    """One feature in one window.

    Attributes
    ----------
    value
        None where it was not measured.
    shade
        From 0, the palest; 1 is the largest distance there is a shade for.
    """

    value: float | None
    shade: float
    words: str
    beyond: bool


@dataclass(frozen=True, eq=False)
class Heat:
    """Cells by row and column.

    Attributes
    ----------
    keys
        Of the columns; what a chosen cell is known by.
    scale
        Ticks of the colour bar: where, and what stands there; empty where shades of different rows
        do not compare.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    scale: tuple[tuple[float, str], ...] = ()

    @property
    def height(self) -> int:
        """Return the height of the picture in pixels."""
        return FRAME + ROW * len(self.rows)


@lru_cache(maxsize=128)
def features_by_windows(heat: Heat, mode: str, chosen: tuple[int, int] | None) -> go.Figure:
    """Draw the map; ``chosen`` is the row and the column that are framed."""
    c = MODES[mode]
    chart = figure(mode)
    x, y = list(range(len(heat.columns))), list(range(len(heat.rows)))
    chart.add_heatmap(
        z=[[cell.shade if cell.value is not None else None for cell in row] for row in heat.cells],
        x=x, y=y, zmin=0, zmax=1, hoverinfo="skip", hoverongaps=False,
        xgap=2 if len(x) <= 45 else 1, showscale=bool(heat.scale),
        colorbar={"thickness": 8, "outlinewidth": 0, "ticks": "", "x": 1.01, "xpad": 4,
                  "tickfont": {"size": 11, "color": c["muted"]},
                  "tickvals": [at for at, _ in heat.scale],
                  "ticktext": [safe(words) for _, words in heat.scale]},
    )  # fmt: skip
    gaps = [(i, j) for j in y for i in x if heat.cells[j][i].value is None]
    if gaps:
        chart.add_bar(
            x=[i for i, _ in gaps], y=[0.9] * len(gaps), base=[j - 0.45 for _, j in gaps],
            width=0.94, marker=hatching(mode), hoverinfo="skip",
        )  # fmt: skip
    _targets(chart, heat)
    _marks(chart, heat, mode)
    if chosen is not None:
        row, column = chosen
        for width, colour in ((5, c["background"]), (2, c["text"])):  # seen on dark and pale alike
            chart.add_shape(
                type="rect", x0=column - 0.5, x1=column + 0.5, y0=row - 0.5, y1=row + 0.5,
                line={"color": colour, "width": width},
            )  # fmt: skip
    step = -(-len(x) // _MOST_TICKS) or 1
    ticks = x[::-1][::step][::-1]
    names = [safe(n if len(n) <= _LONGEST else n[: _LONGEST - 1] + "…") for n in heat.rows]
    chart.update_layout(barmode="overlay")
    chart.update_xaxes(
        tickvals=ticks, ticktext=[safe(heat.columns[i]) for i in ticks], showline=False, ticks="", tickangle=0,
        fixedrange=True, range=[-0.5, len(x) - 0.5],
    )  # fmt: skip
    chart.update_yaxes(
        tickvals=y, ticktext=names, range=[len(y) - 0.5, -0.5], showgrid=False, fixedrange=True,
        tickfont_color=c["text"],
    )  # fmt: skip
    return chart


def _targets(chart: go.Figure, heat: Heat) -> None:
    """Lay something over every cell that can be pointed at and chosen; a heat-map itself cannot."""
    places = [(i, j) for j in range(len(heat.rows)) for i in range(len(heat.columns))]
    chart.add_scatter(
        x=[i for i, _ in places], y=[j for _, j in places], mode="markers",
        marker={"symbol": "square", "size": 16, "opacity": 0},
        customdata=[[heat.rows[j], heat.keys[i]] for i, j in places],
        text=[safe(heat.cells[j][i].words) for i, j in places],
        hovertemplate="%{text}<extra></extra>",
        selected={"marker": {"opacity": 0}}, unselected={"marker": {"opacity": 0}},
    )  # fmt: skip


def _marks(chart: go.Figure, heat: Heat, mode: str) -> None:
    """Put a diamond into each cell beyond the limit; its ink stands out from dark and pale shades."""
    c = MODES[mode]
    dark, pale = (c["text"], "#FFFFFF") if mode == "light" else (c["background"], c["text"])
    found = [
        (i, j, cell.shade)
        for j, row in enumerate(heat.cells)
        for i, cell in enumerate(row)
        if cell.beyond
    ]
    if found:
        strong = dark if mode == "dark" else pale
        weak = pale if mode == "dark" else dark
        chart.add_scatter(
            x=[i for i, *_ in found], y=[j for _, j, _ in found], mode="markers", hoverinfo="skip",
            marker={"symbol": "diamond", "size": 6 if len(heat.columns) > 45 else 8,
                    "color": [strong if shade > 0.5 else weak for *_, shade in found]},
            selected={"marker": {"opacity": 1}}, unselected={"marker": {"opacity": 1}},
        )  # fmt: skip
