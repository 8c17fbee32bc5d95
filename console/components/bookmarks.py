"""The views of a page that a person keeps: to open, to keep, to forget."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from console.components import links
from console.format import plain


@dataclass(frozen=True, slots=True)
class Keeping:
    """What may be done with views; each does one thing and returns the word of thanks."""

    keep: Callable[[str, Mapping[str, str]], str]
    forget: Callable[[str], str]
    attempt: Callable[..., None]


def bookmarks(page: str, views: Sequence[tuple[str, Mapping[str, str]]], keeping: Keeping) -> None:
    """Draw the views that are kept, and the form that keeps the present one."""
    with st.popover("Saved views", icon=":material/bookmarks:"):
        if not views:
            st.caption("Set the filters, give the view a name, and find it here again.")
        for place, (name, query) in enumerate(views):
            with st.container(horizontal=True, vertical_alignment="center"):
                words = f":material/bookmark: {plain(name)}"
                st.markdown(links.href(page, words, **dict(query)), width="stretch")
                if st.button(
                    f"Forget {name}", key=f"cs-forget-{place}", type="tertiary",
                    icon=":material/close:",
                ):  # fmt: skip
                    keeping.attempt(lambda chosen=name: keeping.forget(chosen), f"forget-{page}")
        with st.form(f"cs-keep-{page}", border=False, clear_on_submit=True):
            name = st.text_input("Name of this view", max_chars=60)
            sent = st.form_submit_button("Save this view")
        if sent:
            now = links.query()
            keeping.attempt(lambda: keeping.keep(name, now), f"keep-{page}")
