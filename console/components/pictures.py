"""A value, its interval and its limit as a small picture in a table cell."""

import base64
from collections.abc import Sequence
from typing import Any

from console.format import plain
from console.theme import DARK, LIGHT

_LEFT, _WIDE = 4, 112


def mark(
    status: str,
    values: tuple[float | None, float | None, float | None],
    limit: float | None,
    *,
    at_least: bool,
    words: str,
) -> str:
    """Return the picture as a Markdown image.

    The axis is drawn on the allowed side of the limit and dotted on the other; what was not
    measured is a hatched bar; a clause without a number has no picture.

    Parameters
    ----------
    values
        Estimate, lower and upper end, in the unit of the limit; None where not measured.
    words
        What the picture says, for those who do not see it.
    """
    if limit is None:
        return ""
    value, low, high = values
    body = _hatched() if value is None else _drawn((value, low, high), limit, at_least=at_least)
    return _image(f"<style>{_style(status)}</style>{body}", words)


def spark(values: Sequence[float], words: str) -> str:
    """Return bars from zero as a Markdown image, the last in ink; what is below zero is nothing."""
    if not values:
        return ""
    most, wide = max(*values, 0.0) or 1.0, _WIDE / len(values)
    bars = "".join(
        f"<rect class='{'s' if place == len(values) - 1 else 'b'}' x='{_LEFT + place * wide:.1f}' "
        f"y='{17 - (tall := max(0.5, 15 * max(0.0, value) / most)):.1f}' "
        f"width='{wide - 2:.1f}' height='{tall:.1f}'/>"
        for place, value in enumerate(values)
    )

    def rules(c: dict[str, Any]) -> str:
        return f".b{{fill:{c['control']}}}.s{{fill:{c['accent']}}}"

    style = f"{rules(LIGHT)}@media(prefers-color-scheme:dark){{{rules(DARK)}}}"
    return _image(f"<style>{style}</style>{bars}", words)


def _image(body: str, words: str) -> str:
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='120' height='18' viewBox='0 0 120 18'>"
        f"{body}</svg>"
    )
    coded = base64.b64encode(svg.encode()).decode()
    return f"![{plain(words)}](data:image/svg+xml;base64,{coded})"


def _style(status: str) -> str:
    def rules(c: dict[str, object]) -> str:
        its = c[status]
        hue = its["mark"] if isinstance(its, dict) else ""  # pyright: ignore[reportUnknownVariableType]
        return (
            f".s{{stroke:{hue}}}.f{{fill:{hue}}}.t{{stroke:{c['text']}}}.l{{stroke:{c['control']}}}"
        )

    return f"{rules(LIGHT)}@media(prefers-color-scheme:dark){{{rules(DARK)}}}"


def _hatched() -> str:
    return (
        "<defs><pattern id='h' width='5' height='5' patternUnits='userSpaceOnUse' "
        "patternTransform='rotate(45)'><path class='s' d='M0 0V5' stroke-width='2'/></pattern>"
        "</defs><rect x='2' y='4' width='116' height='10' fill='url(#h)'/>"
    )


def _drawn(
    values: tuple[float, float | None, float | None], limit: float, *, at_least: bool
) -> str:
    value, low, high = values
    ends = [x for x in (*values, limit) if x is not None]
    pad = 0.18 * ((max(ends) - min(ends)) or abs(limit) or 1.0)
    start, stop = min(ends) - pad, max(ends) + pad

    def x(v: float) -> str:
        return f"{_LEFT + _WIDE * min(1.0, max(0.0, (v - start) / (stop - start))):.1f}"

    right, left = f"M{x(limit)} 9H118", f"M2 9H{x(limit)}"
    allowed, other = (right, left) if at_least else (left, right)
    whisker = (
        f"<path class='s' stroke-width='3' d='M{x(low)} 9H{x(high)}'/>"
        if low is not None and high is not None
        else ""
    )
    return (
        f"<path class='l' d='{allowed}'/><path class='l' d='{other}' stroke-dasharray='1 4'/>"
        f"<path class='t' stroke-width='1.5' d='M{x(limit)} 2V16'/>{whisker}"
        f"<circle class='f' cx='{x(value)}' cy='9' r='4'/>"
    )
