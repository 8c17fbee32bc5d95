"""Asking for approval; and signing in the same act, where one person may."""

import streamlit as st

from console.actions.at_once import AskedAtOnce
from console.actions.model import Asked
from console.components import memory
from console.components.layout import block, facts
from console.components.text import mono
from console.format import digest, plain
from console.views.overview import Alone, Requesting

RATIONALE = "What does this version do better, and what speaks against it?"


def request(view: Requesting, what: str) -> Asked | AskedAtOnce | None:
    """Draw the form that asks for approval; return it when it was sent."""
    note = "this policy keeps nobody apart: you may ask and sign in one step" if view.alone else ""
    with block("Ask for approval", note):
        if not view.allowed:
            st.caption(plain(view.why))
            return None
        return _at_once(view, view.alone, what) if view.alone else _asked(view, what)


def _asked(view: Requesting, what: str) -> Asked | None:
    form = f"request-{what}"
    key = memory.form_key(form)
    with st.form(f"cs-{form}", border=False):
        alias, rationale = _what(view)
        sent = st.form_submit_button("Request review", type="primary", icon=":material/send:")
    return Asked(alias, rationale, key) if sent else None


def _what(view: Requesting) -> tuple[str, str]:
    alias = st.selectbox("Alias", view.aliases, accept_new_options=True)
    rationale = st.text_area("Rationale", placeholder=RATIONALE, height=90)
    if view.why:
        st.caption(plain(view.why))
    return alias or "", rationale


def _at_once(view: Requesting, alone: Alone, what: str) -> Asked | AskedAtOnce | None:
    form = f"request-{what}"
    key = memory.form_key(form)
    shown = memory.kept(f"shown:{what}", alone.block.digest)
    memory.keep(f"shown:{what}", alone.block.digest)
    with st.form(f"cs-{form}", border=False, enter_to_submit=False):
        rationale = st.text_area("Rationale", placeholder=RATIONALE, height=90)
        ticked = tuple(
            each.key
            for each in alone.regressions
            if st.checkbox(f"I have seen: {plain(each.words)}", key=f"cs-seen-{what}-{each.key}")
        )
        with st.container(key="cs-signature"):
            facts(
                {
                    "Name": plain(alone.block.name),
                    "Role": plain(alone.block.role),
                    "Meaning": plain(alone.block.meaning),
                    "Digest": mono(digest(alone.block.digest, 3)),
                }
            )
            password = st.text_input("Password", type="password", autocomplete="current-password")
        signed = st.form_submit_button(
            "Sign and record", type="primary", icon=":material/draw:", width="stretch"
        )
        asked = st.form_submit_button(
            "Request review", icon=":material/send:", width="stretch",
            help="Another person who holds the role signs it",
        )  # fmt: skip
    alias = view.aliases[0]
    if signed:
        return AskedAtOnce(alias, rationale, password, shown, ticked, key)
    return Asked(alias, rationale, key) if asked else None
