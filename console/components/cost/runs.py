"""Runs: how busy the GPUs of runs were, and what another size or spot would have cost."""

import streamlit as st

from console.components import links
from console.components.cost import stops, uncharged
from console.components.cost.tab import Tab
from console.components.cost.tiles import tiles
from console.components.layout import banner, block, empty, scope
from console.components.tables import table
from console.components.text import badge, chip, muted
from console.format import plain, plural, shortened
from console.views.cost import runs
from console.views.cost.run_rows import FINDINGS, RunRow
from console.views.cost.runs import RunsView
from services.facts.utilisation.types import Finding

HOW = (
    "Log them with `mlflow.enable_system_metrics_logging()`, with `psutil` and `nvidia-ml-py` installed"
    " where the run trains; say the type with the tag `countersign.gpu_type`."
)


def draw(tab: Tab) -> None:
    """Draw the tab."""
    stops.draw(tab)
    _gpus(runs.load(tab.services, tab.principal, tab.query))
    uncharged.draw(tab)


def _gpus(view: RunsView) -> None:
    if view.is_empty:
        with empty(
            "No GPU was seen at work",
            "In thirty days no run logged system metrics of a GPU, and none said that it held one.",
        ):
            st.markdown(HOW)
        return
    tiles("gpu", view.tiles)
    if view.blind:
        many = plural(view.blind, "run", "runs")
        banner("unknown", f"**Not measured.** {many} held GPUs of which nobody knows how busy they were. {HOW}")  # fmt: skip
    _filter(view)
    _listed(view)


def _filter(view: RunsView) -> None:
    words = {"": "All", **{each.value: FINDINGS[each][1] for each in Finding}}
    with scope():
        offered = list(words)
        value = st.selectbox(
            "What shows", offered, index=offered.index(view.finding), width=220,
            format_func=words.__getitem__, key="cs-cost-finding",
        )  # fmt: skip
        st.caption("runs of the last thirty days, the most idle GPU hours first", width="stretch")
    if (value or "") != view.finding:
        links.ask(finding=value or None)
        st.rerun()


def _listed(view: RunsView) -> None:
    with block("GPU use by run", "from the system metrics that runs logged", key="gpu-runs"):
        if view.rows:
            table([_line(row) for row in view.rows], "GPU use by run", wrap=(1, 5, 6), right=(4,))
        else:
            with empty("None like that", "No run of thirty days shows this."):
                pass
        told = plain(view.interrupted)
        st.caption(f"{chip('sample prices')} {told}" if view.sample else told)


def _line(row: RunRow) -> dict[str, str]:
    name = plain(shortened(row.name, 34))
    whose = (
        links.href("model", plain(row.model), name=row.model, tab="Cost")
        if row.model
        else muted("no model")
    )
    return {
        "Run": f"{name}  \n{whose} {muted(plain(row.ended))}",
        "Held": f"{plain(row.gpus)}  \n{muted(plain(row.hours))}",
        "Busy": f"{plain(row.busy)}  \n{muted(f'memory {plain(row.memory)}')}",
        "Idle": plain(row.idle),
        "What shows": " ".join(badge(status, word) for status, word in row.marks),
        "Would have saved": f"smaller type: {plain(row.smaller)}  \nspot: {plain(row.spot)}",
    }
