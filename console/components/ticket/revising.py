"""The form that revises a ticket which was sent back."""

import streamlit as st

from console.actions.tickets import Revised
from console.components.layout import banner, block, scope
from console.format import plain
from console.views.returned import Parameter, ReturnedView
from console.views.ticket import TicketView

FORM = "ticket-revise"


def revising(ticket: TicketView) -> Revised | None:
    """Draw what is asked to be changed, and the form; return it when it was sent."""
    view = ticket.returned
    if view is None:
        return None
    banner("stale", f"**Changes requested.** {plain(view.wish)}")
    if not view.may_revise:
        st.caption("Whoever opened it, or may open tickets of this model, revises it.")
        return None
    with (
        block("Revise", plain(_note(view))),
        st.form(f"cs-ticket-revise-{ticket.ticket_id}", border=False, enter_to_submit=False),
    ):
        with scope():
            engine = st.selectbox("Engine", view.engines, width=200)
            typed = {each.name: _typed(each) for each in view.parameters}
        reason = st.text_area(
            "What was changed",
            height=68,
            placeholder="What is different now, and why that answers it",
        )
        sent = st.form_submit_button(
            "Ask for a new quote", type="primary", icon=":material/request_quote:"
        )
    if not sent:
        return None
    usual = {each.name: each.usual for each in view.parameters}
    changed = tuple((name, text) for name, text in typed.items() if text != usual[name])
    return Revised(reason, engine, changed)


def _note(view: ReturnedView) -> str:
    if not view.recipe:
        return "there is no recipe yet"
    newer = "; it was quoted for another" if view.newer else ""
    return f"with {view.recipe}, the recipe in force{newer}"


def _typed(each: Parameter) -> str:
    return st.text_input(each.name, each.value, placeholder=each.usual, width=120).strip()
