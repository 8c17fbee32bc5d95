"""What runs now: over budget or going nowhere, with the stop that is allowed."""

from collections.abc import Sequence

import streamlit as st

from console.actions.tickets import cancel
from console.components.cost.tab import Tab
from console.components.layout import block, empty
from console.components.rows import To, rows
from console.components.text import badge
from console.format import plain
from console.views.cost import stops
from console.views.cost.stops import OTHERS, StopRow

TITLES = ("State", "Run", "Model", "Begun by", "Since", "Cost so far", "What speaks against it")
WEIGHTS = (1.6, 2.2, 1.8, 1.3, 1.2, 1.3, 4.6)
KEY = "cs-stop-training"


def draw(tab: Tab) -> None:
    """Draw what runs now, and the form that stops a training of our own."""
    found = stops.load(tab.services, tab.principal)
    with block("What runs now", "trainings of our own, and doubted runs of others", key="stops"):
        if not found:
            empty(
                "Nothing runs",
                "Trainings stand here while they run, and runs of MLflow that go nowhere.",
            )
            return
        rows(TITLES, WEIGHTS, [_line(row) for row in found])
        if any(not row.ticket_id for row in found):
            st.caption(OTHERS)
        _form(tab, [row for row in found if row.stoppable])


def _line(row: StopRow) -> tuple[str | To, ...]:
    name = plain(row.name)
    return (
        badge(row.status, row.word),
        To("tickets", name, (("id", row.ticket_id),)) if row.ticket_id else name,
        plain(row.model), plain(row.by), plain(row.since), plain(row.spent), plain(row.against),
    )  # fmt: skip


def _form(tab: Tab, own: Sequence[StopRow]) -> None:
    if not own:
        return
    names = {row.ticket_id: f"{row.model}: {row.name}" for row in own}
    with st.form(KEY, border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Training", list(names), format_func=names.__getitem__, width=300)
        reason = st.text_input("Reason", placeholder="It goes nowhere", width=300)
        sent = st.form_submit_button("Stop training", icon=":material/stop_circle:")
    if sent and chosen:
        tab.attempt(lambda: cancel(tab.services, tab.principal, chosen, reason), KEY)
