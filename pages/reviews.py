"""Reviews: what waits for me, and all of them."""

import streamlit as st

from console.components import links
from console.components.layout import block, empty, header, scope
from console.components.reviews import reviews as listed
from console.format import plain
from console.runtime import services
from console.session import principal
from console.views import reviews
from console.views.reviews import ReviewsView


def render() -> None:
    draw(reviews.load(services(), principal(), links.query()))


def draw(view: ReviewsView) -> None:
    header("Reviews", plain(view.sentence))
    with block("Wait for my signature", "the oldest first"):
        if view.mine:
            listed(view.mine)
        else:
            with empty(
                "Nothing waits for your signature", "Reviews that you may sign appear here."
            ):
                links.link("models", "Open the models", arrow=True)
    with block("All reviews", "newest first"):
        now = links.query().get("state")
        with scope():
            offered = ["All", *view.states]
            state = st.selectbox(
                "State", offered, index=offered.index(now) if now in offered else 0, width=200
            )
        if (None if state == "All" else state) != now and (now in offered or state != "All"):
            links.ask(state=None if state == "All" else state)
            st.rerun()
        if view.rows:
            listed(view.rows)
        else:
            st.caption("No review has this state.")
