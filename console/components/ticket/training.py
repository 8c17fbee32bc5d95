"""A training while it runs: what it says of itself, what it uses, what it prints."""

from collections.abc import Callable

import streamlit as st

from console.components.layout import banner, block
from console.components.tables import table
from console.components.ticket.ground import figures
from console.format import plain
from console.views.attempts import LiveView

EVERY = 1.0


def training(load: Callable[[], LiveView], *, trains: bool) -> None:
    """Draw it; while it trains ask again every second and rerun the page at its end."""
    with block("Training", "as its last attempt says"):
        if not trains:
            _draw(load())
            return

        @st.fragment(run_every=EVERY)
        def poll() -> None:
            view = load()
            if view.over:
                st.rerun()
            _draw(view)

        poll()


def _draw(view: LiveView) -> None:
    st.caption(plain(view.sentence))
    if view.note:
        banner("stale", plain(view.note))
    if view.figures:
        figures(view.figures)
    if view.gpus:
        lines = [{"GPU": plain(n), "Busy": b, "Memory": m} for n, b, m in view.gpus]
        table(lines, "GPUs of this attempt")
    if view.log:
        st.code("\n".join(view.log), language=None, height=260)
