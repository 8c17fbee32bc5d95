"""The timeline and the map of a drift page."""

import pandas as pd
import streamlit as st

from console.components import memory
from console.components.charts import chart
from console.components.drift.choosing import cell, picked
from console.components.layout import banner, block, mode, verdict
from console.components.text import badge
from console.figures.heat import features_by_windows
from console.figures.shapes import two_shapes
from console.figures.template import CONFIG
from console.figures.windows import over_windows
from console.format import plain
from console.views.drift.pair import Pair
from console.views.drift.picture import Picture
from console.views.drift.view import DriftView


def timeline(view: DriftView, picture: Picture) -> None:
    """Draw the features that moved most, over the windows of the stretch."""
    names = ", ".join(line.name for line in picture.course.lines)
    words = dict(view.bar.statistics)[view.bar.chosen["statistic"]]
    with block(f"{words}: {_largest(picture)}", plain(picture.timeline_note), key="timeline"):
        said = f"{words} over {len(picture.columns)} windows of {names}; {picture.breaches} cells beyond the limit"
        chart(over_windows(picture.course, mode()), said, height=200, key="timeline")


def _largest(picture: Picture) -> str:
    count = len(picture.course.lines)
    if count == 1:
        return plain(picture.course.lines[0].name)
    return {2: "both features", 3: "the three that moved most"}.get(count, "no feature")


def heat(view: DriftView, picture: Picture) -> None:
    """Draw the map of features by windows; a chosen cell goes into the address."""
    with block("Feature × window", plain(picture.note), key="heat"):
        _map(view, picture)


def two(view: DriftView) -> None:
    """Draw two distributions of the chosen feature."""
    title = f"{plain(view.pair.feature)}, {view.pair.window}" if view.pair else "No window yet"
    with block(title, key="pair"):
        cell(view)
        if view.pair:
            _pair(view.pair)


def _map(view: DriftView, picture: Picture) -> None:
    held, chosen = picture.heat, None
    if view.asked and view.asked.feature in held.rows:
        start = view.asked.window.start.isoformat()
        if start in held.keys:
            chosen = held.rows.index(view.asked.feature), held.keys.index(start)
    said = f"{len(held.rows)} features by {len(held.columns)} windows; {picture.breaches} beyond the limit, {picture.gaps} not measured. The numbers stand below."
    event = st.plotly_chart(
        features_by_windows(held, mode(), chosen), theme=None, config=CONFIG, height=held.height,
        key=f"cs-heat-{view.monitor_id}", on_select="rerun", selection_mode="points", alt=said,
    )  # fmt: skip
    points = [dict(each) for each in event.get("selection", {}).get("points", [])]  # type: ignore[union-attr]
    mark = str(points)
    if points and memory.kept("heat") != mark:
        memory.keep("heat", mark)
        picked(view.name, points)


def _pair(pair: Pair) -> None:
    verdict(f"{badge(pair.status, pair.word)} {pair.sentence}")
    if pair.remark:
        banner("stale", plain(pair.remark))
    if pair.method:
        st.caption(f"method: {plain(pair.method)}")
    if pair.shapes is None:
        st.caption(plain(pair.why))
        return
    said = f"Distribution of {pair.feature}: {pair.window} beside {pair.against}"
    chart(two_shapes(pair.shapes, mode()), said, height=260, key="pair")


def numbers(picture: Picture) -> None:
    """Draw the numbers behind the map, when somebody opens them."""
    box = st.expander(
        "The numbers behind the map", icon=":material/table:", key="cs-drift-numbers",
        on_change="rerun",
    )  # fmt: skip
    if box.open:
        frame = pd.DataFrame(picture.table, index=pd.Index(picture.columns, name="window")).T
        box.dataframe(frame, row_height=28, alt="Distance by feature and window")
