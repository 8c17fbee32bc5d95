"""Webhooks that come in: the list, the form, and the secret, which is shown once."""

import streamlit as st

from console.actions.hooks import Wish
from console.components import memory
from console.components.layout import block, empty, scope
from console.components.tables import table
from console.components.text import badge, mono
from console.format import plain
from console.views.hooks import HooksView

KEPT = "hook-secret"


def hooks(view: HooksView) -> Wish | None:
    """Draw them; return what is asked of one."""
    with block(
        "Repositories that tell of pushes", "a signed push asks for a training; people allow it"
    ):
        _secret()
        if view.rows:
            _listed(view)
        else:
            empty(
                "No repository tells of pushes",
                "Set one here and give its address and secret to the repository; a recipe that"
                " names a branch is then asked for when the branch moves.",
            )
        return _form(view) or (_removing(view) if view.rows else None)


def again(shown: list[str]) -> None:
    """Draw the page again, once with address and secret of one that was set."""
    if shown:
        memory.keep(KEPT, tuple(shown))
    st.rerun()


def _secret() -> None:
    """Show address and secret of the one that was set just now, and forget them."""
    found = memory.kept(KEPT)
    if not found:
        return
    memory.drop(KEPT)
    st.markdown(
        "**Copy both now: the secret is never shown again.** Content type `application/json`."
    )
    st.code("\n".join(found), language=None)


def _listed(view: HooksView) -> None:
    lines = [
        {
            "State": badge(row.status, row.word),
            "Name": plain(row.name),
            "From": plain(row.style),
            "Repository": mono(row.repository),
            "Heard": plain(row.heard),
            "Set": plain(row.made),
        }
        for row in view.rows
    ]
    table(lines, "Repositories that tell of pushes", wrap=4)


def _form(view: HooksView) -> Wish | None:
    styles = dict(view.styles)
    with st.form("cs-hook", border=False):
        with scope():
            name = st.text_input("Name of the webhook", placeholder="flights", width=200)
            style = st.selectbox(
                "From", list(styles), format_func=styles.__getitem__, width=140
            )  # fmt: skip
            where = st.text_input(
                "Repository", placeholder="https://git.example.org/team/flights.git", width=420
            )
        sent = st.form_submit_button("Make its secret", icon=":material/key:")
    return Wish(name.strip(), style, where) if sent else None


def _removing(view: HooksView) -> Wish | None:
    with st.expander("Remove one", icon=":material/delete:"), st.form("cs-hook-gone", border=False):
        name = st.selectbox("Webhook", [row.name for row in view.rows], width=260)
        sent = st.form_submit_button("Remove webhook")
    return Wish(name, removes=True) if sent else None
