"""Below the map: what matters most, what came in, and what the model made of it."""

import streamlit as st

from console.components import links
from console.components.charts import chart
from console.components.layout import block, empty, mode, split, verdict
from console.components.tables import table
from console.components.text import badge
from console.figures.quadrant import Quadrant, drift_by_importance
from console.figures.windows import over_windows
from console.format import plain, plural
from console.views.drift.answers import Answers
from console.views.drift.columns import METRICS, ColumnRow, Columns
from console.views.drift.pair import Asked
from console.views.drift.view import DriftView


def weight(view: DriftView) -> None:
    """Draw how far features moved beside how much they move the answer."""
    if view.pair is None:
        return
    note = f"{view.pair.window}; top right needs a person"
    with block("Drift beside importance", note, key="weight"):
        _weight(view.weight)


def columns(view: DriftView) -> None:
    """Draw what came in: missing, new and invalid values."""
    if view.pair is None or view.columns is None:
        return
    note = f"{view.pair.window}, shares with their 95 % intervals"
    with block("What came in", note, key="columns"):
        _columns(view.columns, view.asked)


def _weight(found: Quadrant | str) -> None:
    if isinstance(found, str):
        with empty("Not drawn", plain(found)):
            return
    said = f"{found.statistic} by share of importance, {len(found.features)} features"
    chart(drift_by_importance(found, mode()), said, height=260, key="weight")


def _columns(found: Columns, asked: Asked | None) -> None:
    if found.few:
        with empty(
            "Too few rows", f"{plural(found.few, 'row')} came in; a share of them says nothing."
        ):
            return
    if not (found.rows or found.clean):
        came = asked is not None and asked.window.rows
        why = "Nobody counted it in this window." if came else "No row came in."
        with empty("Not measured", why):
            return
    if not found.rows:
        with empty("Nothing was missing, new or invalid", f"in {plural(found.clean, 'column')}"):
            return
    table([_row(row) for row in found.rows], "Shares of columns", wrap=1, right=(2, 3, 4, 5))
    parts = [f"{plural(found.more, 'more column')} with smaller shares"] if found.more else []
    parts += [f"{plural(found.clean, 'column')} without any"] if found.clean else []
    if parts:
        st.caption(" · ".join(parts))


def _row(row: ColumnRow) -> dict[str, str]:
    titled = zip(
        ("Missing", "New", "Invalid"), METRICS, (row.missing, row.new, row.invalid), strict=True
    )
    cells = {
        title: badge("fail", plain(words)) if metric in row.beyond else plain(words)
        for title, metric, words in titled
    }
    return {"Column": plain(row.feature), **cells, "n": row.n}


def answers(view: DriftView, found: Answers) -> None:
    """Draw performance over windows beside how far the model's own columns moved."""
    left, right = split("answers", [6, 5])
    with left:
        _performance(view, found)
    with (
        right,
        block("Scores, predictions, outcomes", "how far they moved from the reference", key="own"),
    ):
        if found.own is None:
            with empty("Not measured", "No window has scores, predictions or outcomes yet."):
                return
        names = ", ".join(found.own_names)
        chart(
            over_windows(found.own, mode()), f"Drift of {names} over windows", height=200, key="own"
        )


def _performance(view: DriftView, found: Answers) -> None:
    with block("Performance", "realised with outcomes, estimated from scores before they arrive"):
        if found.performance is None:
            with empty("Not measured", "No outcome arrived yet, and nothing was estimated."):
                return
        if len(found.metrics) > 1:
            _metric(view, found)
        if found.gap is not None:
            status, word, words = found.gap
            verdict(f"{badge(status, word)} {plain(words)}")
        words = dict(found.metrics)[found.chosen]
        lines = " and ".join(line.name for line in found.performance.lines)
        figure = over_windows(found.performance, mode())
        chart(figure, f"{words} over windows: {lines}", height=200, key="performance-windows")
        if found.facts:
            st.caption(" · ".join(f"{plain(name)} {plain(words)}" for name, words in found.facts))


def _metric(view: DriftView, found: Answers) -> None:
    words = dict(found.metrics)
    chosen = st.selectbox(
        "Metric", list(words), index=list(words).index(found.chosen),
        format_func=words.__getitem__, width=200, key=f"cs-drift-metric-{view.name}",
    )  # fmt: skip
    if chosen != found.chosen:
        links.ask(metric=chosen)
        st.rerun()
