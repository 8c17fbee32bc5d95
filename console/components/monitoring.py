"""The fleet: one line a watched model, the worst first, and the models that nobody watches."""

from collections.abc import Sequence

import streamlit as st

from console.components import links
from console.components.layout import block, empty, scope
from console.components.tables import table
from console.components.text import badge
from console.format import plain, plural, shortened
from console.theme import STATUS
from console.views.monitoring import MonitoringView, UnwatchedRow, WatchedRow
from console.views.signals import Signal

_SIDES = {
    "drift": "Worst drift", "performance": "Performance", "latency": "p95", "errors": "Errors",
    "data": "Data",
}  # fmt: skip


def fleet(view: MonitoringView) -> None:
    """Draw all of it."""
    with scope():
        find = st.text_input(
            "Find", value=view.find, placeholder="Model", type="search", width=220,
            icon=":material/search:", key="cs-monitoring-find",
        )  # fmt: skip
    if find != view.find:
        links.ask(find=find or None)
        st.rerun()
    with block("Watched", "worst first; of the newest closed window"):
        if view.rows:
            table(
                [_row(row) for row in view.rows],
                "Watched models, worst first",
                wrap=(2, 3, 4, 5, 7, 8),
            )
            if view.more:
                st.caption(f"{plural(view.more, 'calmer model')} more; find them by name.")
        else:
            why = "A monitor is made when a version with an evaluation set is promoted."
            with empty("No model is watched", why):
                links.link("models", "Open the models", arrow=True)
    if view.unwatched:
        _unwatched(view.unwatched)


def _row(row: WatchedRow) -> dict[str, str]:
    name = f"{plain(shortened(row.name, 40))} v{row.version}"
    cells = {title: _cell(row.signals[side]) for side, title in _SIDES.items()}
    return {
        "State": badge(row.status, plain(row.word)),
        "Model": links.href("monitoring", name, name=row.name, version=str(row.version)),
        **cells,
        "Last window": plain(row.last),
    }


def _cell(signal: Signal) -> str:
    """Return icon, words and colour of what needs a person; they may break, a badge may not."""
    if signal.status not in ("fail", "unknown"):
        return plain(signal.words)
    icon, _, colour = STATUS[signal.status]
    return f":{colour}[:material/{icon}: {plain(signal.words)}]"


def _unwatched(rows: Sequence[UnwatchedRow]) -> None:
    with block("Not watched", "governed, but nobody sees what they do"):
        cells = [
            {
                "State": badge("unknown", "No monitor"),
                "Model": links.href("model", plain(shortened(row.name, 60)), name=row.name),
                "Why": plain(row.why),
            }
            for row in rows[:60]
        ]
        table(cells, "Governed models without a monitor", wrap=3)
