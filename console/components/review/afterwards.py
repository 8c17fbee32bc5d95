"""What may follow a signature: taking it back; and what may follow a failed promotion."""

import streamlit as st

from console.actions.review import TakenBack
from console.components.layout import block
from console.format import plain
from console.views.review import ReviewView


def take_back(view: ReviewView) -> TakenBack | None:
    """Draw the form that takes one's own signature back; return it when it was sent."""
    mine = next((each for each in view.given if each.mine), None)
    if mine is None:
        return None
    with st.expander("Take my signature back", icon=":material/ink_eraser:"):
        st.caption(
            "It stays on file and counts no more. A promotion on its way stops; one that was "
            "applied stays where it is, and is shown as no longer approved."
        )
        with st.form(f"cs-back-{mine.signature_id}", border=False, enter_to_submit=False):
            reason = st.text_area("Why it is taken back", height=68)
            password = st.text_input(
                "Your password", type="password", autocomplete="current-password"
            )
            sent = st.form_submit_button("Take back my signature", width="stretch")
    return TakenBack(mine.signature_id, reason, password) if sent else None


def failed(view: ReviewView) -> str | None:
    """Draw what may be done about a failed promotion; return ``again`` or a reason to give it up."""
    if not view.failed:
        return None
    with block("The promotion failed", "what was signed is checked again before each try"):
        st.caption(plain(view.outcome))
        if st.button("Try again", type="primary", icon=":material/refresh:"):
            return "again"
        with st.form(f"cs-give-up-{view.failed}", border=False):
            reason = st.text_input("Reason to give it up")
            sent = st.form_submit_button("Give it up")
    return f"up:{reason}" if sent else None
