"""Cost: what every model costs, what may be spent, and what could cost less."""

import streamlit as st

from console.components import links
from console.components.cost.tab import Tab
from console.components.cost.tabs import DRAW
from console.components.layout import header
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views.cost import head


def render() -> None:
    asked = links.query()
    header("Cost", plain(head.load(services()).sentence))
    names = tuple(DRAW)
    start = asked.get("tab") if asked.get("tab") in DRAW else names[0]
    drawn = st.tabs(list(names), default=start, on_change="rerun", key="cs-tabs-cost")
    for name, tab in zip(names, drawn, strict=True):
        if tab.open:
            with tab:
                links.ask(tab=name if name != names[0] else None)
                DRAW[name](Tab(services(), principal(), asked, attempt))
