"""The decision and the signature: the only double rule of the console."""

import streamlit as st

from console.actions.review import DECISIONS, Decided
from console.components import memory
from console.components.layout import facts
from console.components.text import mono
from console.format import digest, plain
from console.views.deciding import Deciding
from console.views.review import ReviewView

REASON = "What did you look at, and why does it suffice?"


def form_name(view: ReviewView) -> str:
    """Return the name under which this form's key is kept."""
    return f"sign-{view.review_id}"


def signature(
    view: ReviewView, deciding: Deciding, acknowledged: tuple[str, ...], times: str
) -> Decided | None:
    """Draw the form; return what was decided, or None.

    The digest posted back is that of the page on which the person pressed the button, not of the
    page that is drawn while the press is answered.

    Parameters
    ----------
    times
        The present instant in UTC and on the reader's clock.
    """
    key = memory.form_key(form_name(view))
    shown = memory.kept(f"shown:{view.review_id}", deciding.block.digest)
    memory.keep(f"shown:{view.review_id}", deciding.block.digest)
    with st.form(f"cs-{form_name(view)}", border=False, enter_to_submit=False):
        decision = st.radio("Decision", list(DECISIONS), index=None)
        reason = st.text_area("Reason", placeholder=REASON, height=90)
        with st.container(key="cs-signature"):
            facts(
                {
                    "Name": plain(deciding.block.name),
                    "Role": plain(deciding.block.role),
                    "Meaning": plain(deciding.block.meaning),
                    "Time": plain(times),
                    "Digest": mono(digest(deciding.block.digest, 3)),
                }
            )
            password = st.text_input("Password", type="password", autocomplete="current-password")
        st.caption("Approving with conditions: write one condition on each line of the reason.")
        left = len(view.regressions) - len(acknowledged)
        if left:
            st.caption(f"{left} of {len(view.regressions)} regressions are not acknowledged yet.")
        sent = st.form_submit_button(
            "Sign and record", type="primary", icon=":material/draw:", width="stretch"
        )
    if not sent:
        return None
    return Decided(
        DECISIONS.get(decision or "", ""),
        reason,
        password,
        shown,
        acknowledged,
        key,
    )
