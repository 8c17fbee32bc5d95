"""What can be asked of the worker about a monitor: measuring, a drill-down, a report, the rows."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from console.actions.monitoring import Question
from console.components import links, memory
from console.components.charts import chart
from console.components.layout import block, mode
from console.components.tables import table
from console.components.tasks import progress
from console.figures.heat import features_by_windows
from console.format import plain, plural
from console.views.drift.asking import Asking, Report, Stretch, column_of
from console.views.task import TaskRow

WHY = (
    "Evidently bins both windows together and knows no bounds, so its scores move with single "
    "outliers and small samples; ours compare with the frozen reference and are certain."
)


@dataclass(frozen=True, slots=True)
class Wired:
    """How the buttons work: each does what its name says, ``load`` tells how far a task is."""

    measure: Callable[[Question], None]
    drill: Callable[[Question], None]
    report: Callable[[Question], None]
    rows: Callable[[Question], None]
    load: Callable[[str], TaskRow | None]


def asking(found: Asking, wired: Wired) -> None:
    """Draw the buttons this person may press, what runs, and the newest answers."""
    if not (found.may_ask or found.may_read):
        return
    with block("Look closer", f"at {plain(found.words)}; the worker answers", key="asking"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            if found.may_ask:
                _questions(found, wired)
            if found.may_read:
                note = "Reading rows is written into the audit trail."
                if st.button("Show raw rows", icon=":material/list:", help=note):
                    wired.rows(_question(found.about, "rows"))
        for task_id in found.running.values():
            progress(lambda chosen=task_id: wired.load(chosen))
    _answers(found)


def _questions(found: Asking, wired: Wired) -> None:
    if st.button("Measure now", icon=":material/speed:"):
        wired.measure(_question(found.about, "measure"))
    if st.button("Evidently report", icon=":material/description:"):
        wired.report(_question(found.about, "report"))
    columns = list(dict.fromkeys((*found.segments, *filter(None, (found.split,)))))
    column = st.selectbox(
        "Split by", columns, index=columns.index(found.split) if found.split else None,
        accept_new_options=True, width=200, placeholder="column of the log",
        key=f"cs-drill-{found.about.monitor_id}-{found.split}",
    )  # fmt: skip
    if st.button("Drill down", icon=":material/account_tree:", disabled=not column):
        meant = column_of(found.segments, str(column))
        links.ask(feature=found.about.feature, split=meant)
        wired.drill(_question(found.about, "drill", meant))


def _question(about: Stretch, form: str, column: str = "") -> Question:
    """Return a question about the chosen window; a drill-down is about the whole stretch."""
    return Question(
        about.monitor_id, *(about.whole if form == "drill" else about.window), about.segment,
        memory.form_key(f"{form}-{about.monitor_id}"), about.feature, column,
    )  # fmt: skip


def _answers(found: Asking) -> None:
    if found.drilled is not None:
        title, heat = found.drilled
        with block(f"{plain(title)}, window by window", "hatched: too few rows", key="drilled"):
            said = f"{title}: {len(heat.rows)} segments by {len(heat.columns)} windows"
            chart(features_by_windows(heat, mode(), None), said, height=heat.height, key="drilled")
            _cells(found)
    if found.report is not None:
        _report(found.report)
    if found.rows is not None:
        columns, rows = found.rows
        with block("Raw rows", f"{plural(len(rows), 'row')}, the first of the window", key="rows"):
            st.dataframe(
                pd.DataFrame(list(rows), columns=list(columns)), hide_index=True, row_height=28,
                alt="Rows of the prediction log",
            )  # fmt: skip


def _cells(found: Asking) -> None:
    box = st.expander(
        "The numbers behind the segments", icon=":material/table:", key="cs-drilled-numbers",
        on_change="rerun",
    )  # fmt: skip
    if box.open and found.drilled is not None:
        heat = found.drilled[1]
        values = [[cell.value for cell in row] for row in heat.cells]
        frame = pd.DataFrame(values, index=list(heat.rows), columns=list(heat.columns))
        box.dataframe(frame, row_height=28, alt="Distance by segment and window")


def _report(found: Report) -> None:
    sample = ", a sample" if found.sampled else ""
    note = f"{found.when}, {plural(found.rows, 'row')}{sample}"
    with block("Evidently's report", plain(note), key="report"):
        st.caption(WHY)
        rows = [
            {
                "Column": plain(row.column),
                "Evidently's method": plain(row.method),
                "Score": row.score,
                "Threshold": row.threshold,
                "Detected": plain(row.detected),
                **({"Ours": plain(row.ours)} if found.compared else {}),
            }
            for row in found.scores[:40]
        ]
        table(rows, "Scores of Evidently beside ours", wrap=(1, 2), right=(3, 4, 6))
        st.download_button(
            "Download the report", found.html, file_name="evidently-report.html", mime="text/html",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
