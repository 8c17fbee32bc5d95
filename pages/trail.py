"""Audit trail: what happened, by whom, to what, and whether the chain holds."""

import streamlit as st

from console.components import links
from console.components import trail as parts
from console.components.events import events
from console.components.layout import block, empty, header
from console.format import plain
from console.guard import Boundary
from console.runtime import services
from console.session import principal
from console.views import chain, trail


def render() -> None:
    view = trail.load(services(), principal(), links.query())
    header("Audit trail", plain(view.sentence))
    parts.head(view)
    if st.button("Verify the chain now", icon=":material/fact_check:", type="primary"):
        with Boundary(), st.spinner("Recomputing every hash"):
            parts.found(chain.verify(services(), principal()))
    if view.detail:
        parts.detail(view)
    parts.filters(view)
    with block("Events", "newest first"):
        if view.rows:
            events(view.rows, "Events of the trail", numbered=True)
            parts.older(view)
        else:
            with empty("No event fits", "Nothing of this kind has happened."):
                links.link("trail", "Clear the filters", arrow=True)
