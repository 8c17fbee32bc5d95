"""The inbox: one row a task, hairlines and no boxes, the action as a link."""

from collections.abc import Sequence

import streamlit as st

from console.components import links
from console.components.text import muted, sign
from console.format import plain
from console.views.inbox import InboxRow

FIRST = 8


def inbox(rows: Sequence[InboxRow], *, every: bool) -> None:
    """Draw the tasks: all of them, or the first ones and a way to the others."""
    with st.container(gap=None):
        for place, row in enumerate(rows if every else rows[:FIRST]):
            _row(place, row)
    if len(rows) > FIRST:
        if every:
            links.link("home", f"Show the first {FIRST}")
        else:
            links.link("home", f"Show all {len(rows)} tasks", tasks="all")


def _row(place: int, row: InboxRow) -> None:
    with st.container(key=f"cs-row-{place}"):
        cells = st.columns([4.2, 2.2, 1.5, 1.7, 2.4], vertical_alignment="center", gap="small")
        cells[0].markdown(f"{sign(row.icon)} {plain(row.task)}")
        with cells[1]:
            if row.model:
                links.link("model", plain(row.model), name=row.model)
        cells[2].markdown(muted(plain(row.since)))
        cells[3].markdown(f"**{plain(row.due)}**" if row.urgent else plain(row.due))
        with cells[4].container(key=f"cs-go-{place}"):
            links.link(row.page, row.action, arrow=True, **dict(row.query))
