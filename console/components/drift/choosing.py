"""The selects of a drift page; each choice stands in the address."""

from collections.abc import Mapping

import streamlit as st

from console.components import links
from console.components.layout import scope
from console.format import plain
from console.views.drift.bar import Bar, Options
from console.views.drift.view import DriftView

_CLEARED = {"model": ("version", "segment", "until", "window", "against", "feature", "split")}
REFERENCE = "Reference"


def bar(name: str, offered: Bar, *, fixed: bool = False) -> None:
    """Draw the bar; a change writes the address and runs the page again.

    Parameters
    ----------
    fixed
        Whether model and version are chosen elsewhere.
    """
    now = offered.chosen
    asked: dict[str, str] = {}
    with scope():
        if not fixed:
            models = tuple((each, each) for each in offered.models)
            asked["name"] = _select("Model", models, name, 200, name)
            asked["version"] = _select("Version", offered.versions, now["version"], 90, name)
        asked["statistic"] = _select("Statistic", offered.statistics, now["statistic"], 180, name)
        asked["segment"] = _select("Segment", offered.segments, now["segment"], 150, name)
        asked["windows"] = _select("Windows", offered.lengths, now["windows"], 110, name)
        newest = (("", "Newest"), *offered.windows)
        asked["until"] = _select("Up to", newest, now["until"], 190, name)
        st.caption(plain(offered.freshness), width="stretch")
    _follow(asked, {**now, "name": name})


def cell(view: DriftView) -> None:
    """Draw which feature, which window, and what it is compared with."""
    if view.asked is None or view.picture is None:
        return
    asked = view.asked
    features = tuple((each, each) for each in view.picture.features)
    if asked.feature not in view.picture.features:
        features = ((asked.feature, asked.feature), *features)
    windows = view.bar.windows
    others = (("", REFERENCE), *windows)
    now = {
        "feature": asked.feature,
        "window": asked.window.start.isoformat(),
        "against": asked.against.start.isoformat() if asked.against else "",
    }
    with scope():
        chosen = {
            "feature": _select("Feature", features, now["feature"], 150, now["feature"]),
            "window": _select("Window", windows, now["window"], 190, now["window"]),
            "against": _select("Compare with", others, now["against"], 150, now["against"]),
        }
    _follow(chosen, now)


def picked(name: str, points: list[dict[str, object]]) -> None:
    """Write the cell that was chosen in the map into the address, once."""
    held = [each["customdata"] for each in points if each.get("customdata")]
    found = held[0] if held else None
    if not isinstance(found, list) or len(found) != 2:  # pyright: ignore[reportUnknownArgumentType]
        return
    feature, window = (str(each) for each in found)  # pyright: ignore[reportUnknownVariableType]
    asked = links.query()
    if (asked.get("feature"), asked.get("window")) != (feature, window):
        links.ask(name=name, feature=feature, window=window)
        st.rerun()


def _select(label: str, options: Options, now: str, width: int, key: str) -> str:
    words = dict(options)  # a select reads no Markdown
    values = list(words)
    return st.selectbox(
        label, values, index=values.index(now) if now in words else 0,
        format_func=words.__getitem__, width=width, key=f"cs-drift-{label}-{key}",
    )  # fmt: skip


def _follow(asked: Mapping[str, str], now: Mapping[str, str]) -> None:
    changed = {key: value for key, value in asked.items() if value != now.get(key, "")}
    if not changed:
        return
    if "name" in changed:
        links.ask(**dict.fromkeys(_CLEARED["model"]))
    links.ask(**{key: value or None for key, value in changed.items()})
    st.rerun()
