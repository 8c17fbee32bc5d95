"""A training while it runs: what it says of itself, what it uses, what it prints."""

from collections.abc import Callable

import streamlit as st

from console.components.layout import banner, block
from console.components.tables import table
from console.components.ticket.ground import figures
from console.format import plain
from console.views.attempts import LiveView
from console.views.ticket import TicketView

EVERY, WAITING = 1.0, 3.0
"""Seconds between looks while it trains, and while it waits for people or an engine."""


def training(load: Callable[[], LiveView], view: TicketView) -> None:
    """Draw it; until the ticket is over look again by itself, and rerun the page when it moved on."""
    if not view.attempts:
        _poll(load, view)
        return
    with block("Training", "as its last attempt says"):
        _poll(load, view)


def _poll(load: Callable[[], LiveView], view: TicketView) -> None:
    every = None if view.over else EVERY if view.trains else WAITING

    @st.fragment(run_every=every)
    def poll() -> None:
        now = load()
        if now.mark != view.mark:
            st.rerun()
        if view.attempts:
            _draw(now)

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
