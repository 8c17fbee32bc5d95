"""Runs of which nobody can say what they cost: why, and what to do next."""

import streamlit as st

from console.components import links
from console.components.cost.tab import Tab
from console.components.layout import block
from console.components.tables import table
from console.components.text import badge, muted
from console.format import plain, plural, shortened
from console.views.cost import uncharged
from console.views.cost.uncharged import UnchargedRow


def draw(tab: Tab) -> None:
    """Draw the block; nothing where every run has its cost."""
    view = uncharged.load(tab.services, tab.principal, tab.query)
    if not view.rows:
        return
    with block("Without a cost", "in no sum, and never zero", key="uncharged"):
        lines = [_line(row) for row in view.rows]
        table(lines, "Runs without a cost", wrap=(1, 2, 3))
        if view.more:
            least = "at least " if view.at_least else ""
            st.caption(f"and {least}{plural(view.more, 'more run', 'more runs')}, older than these")
        if view.priceless:
            links.link("cost", "Publish a price", arrow=True, tab="Prices")


def _line(row: UnchargedRow) -> dict[str, str]:
    name = plain(shortened(row.name, 34))
    if row.ticket_id:
        name = links.href("tickets", name, id=row.ticket_id)
    whose = (
        links.href("model", plain(row.model), name=row.model, tab="Cost")
        if row.model
        else muted("no model")
    )
    return {
        "Run": f"{name}  \n{whose} {muted(plain(row.when))}",
        "Why": f"{badge(row.status, row.word)}  \n{plain(row.reason)}",
        "What to do": row.step,
    }
