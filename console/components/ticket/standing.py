"""The right column of a ticket: where it stands, who must approve, how it is stopped."""

import streamlit as st

from console.components import links
from console.components.layout import block
from console.components.text import badge, chip
from console.format import plain, plural
from console.views.ticket import TicketView

FORM = "ticket-stop"


def standing(view: TicketView) -> str | None:
    """Draw it; return the reason when somebody stops the ticket."""
    with block("Approval"):
        _approval(view)
    if not view.may_cancel:
        return None
    with (
        block("Stop", "the champion stays as it is"),
        st.form(f"cs-ticket-stop-{view.ticket_id}", border=False),
    ):
        reason = st.text_input("Reason", placeholder="Why it should not go on")
        sent = st.form_submit_button("Cancel ticket", icon=":material/cancel:", width="stretch")
    return reason if sent else None


def _approval(view: TicketView) -> None:
    st.markdown(badge(view.status, view.word))
    if view.approvers:
        st.caption(
            "The policy asks for " + " ".join(_asked(a.count, a.role) for a in view.approvers)
        )
    elif view.quote and not view.over:
        st.caption("The policy asks for nobody's approval at this price.")
    if view.review_id:
        label = "Review and sign" if view.review_open else "The review"
        links.link("review", label, arrow=True, id=view.review_id)


def _asked(count: int, role: str) -> str:
    return chip(plural(count, plain(role)))
