"""Model: may this run, and why?"""

import streamlit as st

from console.components import links
from console.components.layout import empty, header
from console.components.model import tabs
from console.components.model.head import bar, head
from console.components.model.tab import Tab
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import model
from console.views.model import TABS


def render() -> None:
    asked = links.query()
    if not asked.get("name"):
        header("Model", "Choose a model first.")
        with empty("No model chosen", "The address names none."):
            links.link("models", "Open the models", arrow=True)
        return
    view = model.load(services(), principal(), asked)
    head(view)
    if not view.versions:
        with empty("No version yet", "MLflow has no version of this model that was mirrored."):
            links.link("models", "Open the models", arrow=True)
        return
    version, compare = bar(view)
    if (version, compare) != (view.version, view.compare):
        links.ask(
            version=str(version), compare=str(compare) if compare else None, id=None, edit=None
        )
        st.rerun()
    start = asked.get("tab") if asked.get("tab") in TABS else TABS[0]
    drawn = st.tabs(list(TABS), default=start, on_change="rerun", key=f"cs-tabs-{view.name}")
    for name, tab in zip(TABS, drawn, strict=True):
        if tab.open:
            with tab:
                links.ask(tab=name if name != TABS[0] else None)
                tabs.DRAW[name](Tab(services(), principal(), view, asked, attempt))
