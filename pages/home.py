"""Home: what waits for me."""

import streamlit as st

from console.components import links
from console.components.events import events
from console.components.inbox import inbox
from console.components.layout import block, empty, header, split
from console.components.tables import table
from console.format import plain
from console.runtime import services
from console.session import principal
from console.views import home
from console.views.home import HomeView


def render() -> None:
    draw(home.load(services(), principal()))


def draw(view: HomeView) -> None:
    header("Home", plain(view.sentence))
    with st.grid(len(view.tiles), min_column_width=124, gap="xsmall"):
        for tile in view.tiles:
            links.tile(tile.key, tile.icon, tile.count, tile.words, tile.page, **dict(tile.query))
    with block("Waits for me", plain(view.inbox_note)):
        if view.inbox:
            inbox(view.inbox, every=links.query().get("tasks") == "all")
        else:
            with empty("Nothing waits for you", "Reviews to sign and work you own appear here."):
                links.link("models", "Open the models", arrow=True)
    left, right = split("home", [6, 5])
    with left, block("Since your last visit", plain(view.events_note)):
        if view.events:
            events(view.events, "Events since your last visit")
        else:
            st.caption("Nothing happened since.")
    with right, block("Due next", "of the models you can see"):
        rows = [
            {"Due": plain(r.due), "What": plain(r.what), "Written in": plain(r.where)}
            for r in view.due
        ]
        if rows:
            table(rows, "Due next", wrap=2)
            calendar(view)
        else:
            st.caption("Nothing is due.")


def calendar(view: HomeView) -> None:
    if view.calendar is not None:
        st.download_button(
            "All duties as a calendar",
            view.calendar,
            file_name="countersign-duties.ics",
            mime="text/calendar",
            icon=":material/calendar_add_on:",
            type="tertiary",
            on_click="ignore",
        )
