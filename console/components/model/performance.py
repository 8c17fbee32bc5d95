"""Performance: metrics with intervals, and one metric from version to version."""

from collections.abc import Sequence

import streamlit as st

from console.components import links
from console.components.charts import chart
from console.components.layout import block, empty, mode, split
from console.components.tables import table
from console.components.text import muted
from console.figures.versions import over_versions
from console.format import plain
from console.views.performance import MetricRow, PerformanceView


def performance(view: PerformanceView) -> None:
    """Draw the tab."""
    if view.missing:
        unmeasured(view.missing, view.snippet)
        return
    left, right = split("performance", [6, 5])
    note = f"compared with v{view.compare}" if view.compare else "value and 95 % interval"
    with left, block(f"Version {view.version}", note):
        _metrics(view.rows, view.compare, "Metrics of this version")
        st.caption(plain(view.source))
    with right:
        _over_versions(view)
    if view.segments:
        with block("By segment", "the same metrics on parts of the evaluation set"):
            _metrics(view.segments, view.compare, "Metrics by segment")


def _over_versions(view: PerformanceView) -> None:
    with block(f"{view.chosen_words} by version", "95 % interval; hover for n"):
        names = dict(view.metrics)
        chosen = st.selectbox(
            "Metric",
            list(names),
            index=list(names).index(view.chosen),
            format_func=lambda name: names[name],
            key=f"cs-metric-{view.name}-{view.version}",
            on_change=None,
            width=240,
        )
        if chosen != view.chosen:
            links.ask(metric=chosen)
            st.rerun()
        figure = over_versions(
            view.points, mode(), limit=view.limit, limit_words=f"limit {view.limit_words}"
        )
        said = f"{view.chosen_words} of {len(view.points)} versions"
        chart(figure, said, height=240, key="versions")


def _metrics(rows: Sequence[MetricRow], compare: int | None, alt: str) -> None:
    cells: list[dict[str, str]] = []
    for row in rows:
        line = {"Metric": plain(row.words), "Value": plain(row.value)}
        if compare:
            line |= {f"v{compare}": plain(row.other), "Change": plain(row.change)}
        cells.append({**line, "n": row.n, "Method": muted(plain(row.method))})
    table(cells, alt, wrap=1, right=(5,) if compare else (3,))


def unmeasured(why: str, snippet: str) -> None:
    """Draw why nothing was measured, and the lines of code that change that."""
    with empty("Not measured", plain(why)):
        if snippet:
            st.code(snippet, language="python")
