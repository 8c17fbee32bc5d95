"""Numbers over windows of time: lines, the limit, what chance alone gives, and what crossed."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

import plotly.graph_objects as go

from console.figures.course import Course
from console.figures.labels import Named, line_names
from console.figures.template import (
    DASHES,
    breaches,
    figure,
    hatching,
    limit_line,
    safe,
)
from console.theme import MODES

_NARROW = 0.05
_MANY = 45
_TICKS = 9


@lru_cache(maxsize=256)
def over_windows(course: Course, mode: str) -> go.Figure:
    """Draw a course; a window of which no line knows anything is hatched."""
    colours = MODES[mode]["categorical"]
    chart = figure(mode)
    low, high = _range(course)
    _chance(chart, course, mode)
    _gaps(chart, course, mode, (low, high))
    for place, line in enumerate(course.lines):
        chart.add_scatter(
            x=[p.at for p in line.points], connectgaps=False,
            y=[None if p.at == course.open_at else p.value for p in line.points],
            mode="lines+markers", marker_size=5 if len(line.points) <= _MANY else 3,
            line={"color": colours[place], "dash": DASHES[place]},
            text=[safe(p.words) for p in line.points], hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    _open(chart, course, mode)
    beyond = [p for line in course.lines for p in line.points if p.outside and p.value is not None]
    if beyond:
        breaches(
            chart, mode, [p.at for p in beyond], [p.value or 0.0 for p in beyond],
            [f"{p.words}, beyond the limit" for p in beyond],
            size=11 if len(course.lines[0].points) <= _MANY else 7,
        )  # fmt: skip
    if course.limit is not None:
        limit_line(chart, mode, course.limit, course.limit_words)
    if course.baseline is not None:
        _baseline(chart, course.baseline, mode)
    line_names(chart, _named(course, mode), (low, high))
    at = [point.at for point in course.lines[0].points] if course.lines else []
    chart.update_xaxes(
        tickformat=course.ticks, nticks=_TICKS, tickangle=0, range=_stretch(at),
        tickvals=at if len(at) <= _TICKS else None,
    )  # fmt: skip
    places = ".1%" if high - low < _NARROW else ".0%"
    chart.update_yaxes(range=[low, high], nticks=5, tickformat=places if course.percent else None)
    return chart


def _range(course: Course) -> tuple[float, float]:
    known = [p.value for line in course.lines for p in line.points if p.value is not None]
    known += [] if course.limit is None else [course.limit]
    known += [each for each in (course.baseline, *course.chance) if each is not None]
    if not known:
        return 0.0, 1.0
    low, high = (min(0.0, *known) if course.from_zero else min(known)), max(known)
    room = 0.12 * ((high - low) or abs(high) or 1.0)
    return (low if course.from_zero and low == 0 else low - room), high + room


def _stretch(at: Sequence[datetime]) -> list[datetime] | None:
    """Return the windows' ends with half a window of air, so that the axis shows no other time."""
    if len(at) < 2:
        return None
    half = (at[1] - at[0]) / 2
    return [at[0] - half, at[-1] + half]


def _chance(chart: go.Figure, course: Course, mode: str) -> None:
    """Shade what chance alone gives; inside nothing has been found."""
    if not course.lines or not any(course.chance):
        return
    c = MODES[mode]
    x = [point.at for point in course.lines[0].points]
    known = [(at, each) for at, each in zip(x, course.chance, strict=True) if each is not None]
    chart.add_scatter(
        x=[at for at, _ in known], y=[each for _, each in known], mode="lines", hoverinfo="skip",
        line={"width": 0, "shape": "hvh"}, fill="tozeroy", opacity=1,
        fillcolor=f"rgba({','.join(str(int(c['unknown']['mark'][i : i + 2], 16)) for i in (1, 3, 5))},0.16)",
    )  # fmt: skip
    chart.add_annotation(
        x=0, xref="x domain", y=known[0][1], xanchor="left", yanchor="bottom", text="chance",
        showarrow=False, font={"size": 11, "color": c["text"]},
    )  # fmt: skip


def _open(chart: go.Figure, course: Course, mode: str) -> None:
    """Draw the window that is still open with hollow points of their own."""
    if course.open_at is None or not course.lines:
        return
    points = [line.points[-1] for line in course.lines if line.points]
    chart.add_scatter(
        x=[p.at for p in points], y=[p.value for p in points], mode="markers",
        marker={"symbol": "circle-open", "size": 7, "line": {"width": 1.5},
                "color": MODES[mode]["categorical"][: len(points)]},
        text=[safe(p.words) for p in points], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    chart.add_annotation(
        x=course.open_at, y=1, yref="y domain", yanchor="top", text="so far", textangle=-90,
        showarrow=False, bgcolor=MODES[mode]["background"],
        font={"size": 11, "color": MODES[mode]["muted"]},
    )  # fmt: skip


def _baseline(chart: go.Figure, at: float, mode: str) -> None:
    chart.add_hline(at, line={"width": 1, "dash": "1px,3px", "color": MODES[mode]["muted"]})


def _gaps(chart: go.Figure, course: Course, mode: str, ends: tuple[float, float]) -> None:
    points = list(zip(*(line.points for line in course.lines), strict=True))
    empty = [
        row for row in points if all(p.value is None for p in row) and row[0].at != course.open_at
    ]
    if not empty or len(points) < 2:
        return
    step = min(b[0].at - a[0].at for a, b in pairwise(points))
    chart.add_bar(
        x=[row[0].at for row in empty], base=[ends[0]] * len(empty),
        y=[ends[1] - ends[0]] * len(empty), width=0.9 * step.total_seconds() * 1000,
        marker=hatching(mode), text=[safe(row[0].words) for row in empty], textposition="none",
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip


def _named(course: Course, mode: str) -> list[Named]:
    """Return the last value of each line with its colour and name; the baseline is one of them."""
    found: list[Named] = []
    for line, colour in zip(course.lines, MODES[mode]["categorical"], strict=False):
        known = [p.value for p in line.points if p.value is not None and p.at != course.open_at]
        if known:
            found.append(Named(known[-1], colour, line.name))
    if course.baseline is not None:
        found.append(Named(course.baseline, MODES[mode]["muted"], course.baseline_words))
    return found
