"""Taking a version out of production, and the way to the incidents of a model."""

import streamlit as st

from console.actions.suspension import SuspendAsked
from console.components import links, memory
from console.components.layout import block
from console.format import plain
from console.views.suspension import Brake


def brake(view: Brake) -> SuspendAsked | None:
    """Draw the form that suspends a version; return it when it was sent."""
    with block("Suspend", "take a version out of production at once", key="suspend"):
        if not view.options:
            st.caption(plain(view.why))
            return None
        if not view.asked:
            if st.button("Suspend", icon=":material/block:", width="stretch"):
                links.ask(suspend="1")
                st.rerun()
            return None
        form = f"suspend-{view.name}"
        key = memory.form_key(form)
        with st.form(f"cs-{form}", border=False):
            option = st.selectbox("Suspend", view.options, format_func=lambda o: o.words)
            st.caption("It may not be promoted until a rollback to it is signed.")
            reason = st.text_area("Reason", placeholder="What harm does it do?", height=68)
            password = st.text_input("Password", type="password")
            sent = st.form_submit_button("Suspend", icon=":material/block:", width="stretch")
        if st.button("Do not suspend", type="tertiary", icon=":material/undo:"):
            links.ask(suspend=None)
            st.rerun()
    if not sent:
        return None
    return SuspendAsked(option.alias, option.version, option.goes_to, reason, password, key)


def incidents(view: Brake) -> None:
    """Draw the ways to the incidents of the model."""
    with st.container(horizontal=True):
        if view.incidents:
            links.link("incidents", plain(view.incidents), icon="report", model=view.name)
        if view.may_open:
            links.link(
                "incidents", "Open an incident", icon="add", model=view.name,
                version=str(view.version), open="1",
            )  # fmt: skip
