"""Tickets as rows, the form that opens one, and what was held back."""

from collections.abc import Sequence

import streamlit as st

from console.actions.tickets import Opened
from console.components import memory
from console.components.layout import scope
from console.components.rows import To, rows
from console.components.tables import table
from console.components.text import badge, ended
from console.format import plain
from console.views.tickets import HeldRow, Offer, TicketRow

TITLES = ("State", "Why", "Model", "Recipe", "Price", "Opened", "Came of it")
WEIGHTS = (2.7, 3.0, 1.7, 1.6, 1.6, 1.5, 1.5)
EMPTY = {
    "Open": "One is opened here, by an alert or by a schedule; people approve it before it costs anything.",
    "Closed": "What became of a ticket stays here.",
}
FORM = "ticket-open"


def listed(found: Sequence[TicketRow]) -> None:
    """Draw tickets as rows."""
    lines = [
        (
            badge(row.status, row.word),
            To("tickets", plain(ended(row.why, 84)), (("id", row.ticket_id),)),
            To("model", plain(row.model), (("name", row.model), ("tab", "Retraining"))),
            plain(row.recipe),
            plain(row.price),
            row.opened,
            plain(ended(row.result, 80)),
        )
        for row in found
    ]
    rows(TITLES, WEIGHTS, lines)


def held(found: Sequence[HeldRow]) -> None:
    """Draw what asked for a training and opened no ticket."""
    lines = [
        {
            "Model": plain(row.model),
            "Trigger": row.trigger,
            "Asked because": plain(row.cause),
            "Held back because": plain(row.reason),
            "Last": row.when,
        }
        for row in found
    ]
    table(lines, "Held back", wrap=(3, 4))


def open_form(offer: Offer) -> Opened | None:
    """Draw the form that opens a ticket; return it when it was sent."""
    if not offer.recipes:
        return None
    key = memory.form_key(FORM)
    models = list(offer.recipes)
    box = st.expander(
        "Open a ticket", icon=":material/add:", expanded=offer.asked, key="cs-ticket-form",
        on_change="rerun",
    )  # fmt: skip
    if not box.open:
        return None
    with box, st.form("cs-ticket-open", border=False, enter_to_submit=False):
        with scope():
            began = models.index(offer.model) if offer.model else 0
            model = st.selectbox(
                "Model", models, index=began, width=300,
                format_func=lambda name: name if offer.recipes[name] else f"{name} (to draft its recipe)",
            )  # fmt: skip
            engine = st.selectbox("Engine", ("as the recipe says", *offer.engines), width=200)
            given = st.text_input(
                "Parameters", placeholder="as the recipe says", width=220,
                help="Instead of the recipe's: rate=0.2, leaves=31",
            )  # fmt: skip
            dry = st.checkbox("Dry run", help="Checks and quotes; trains nothing.")
        if offer.busy:
            st.caption(f"A ticket is open already for {plain(', '.join(offer.busy))}.")
        reason = st.text_area(
            "Reason", height=68, placeholder="Why a new model, and why now?", key="cs-ticket-reason"
        )
        sent = st.form_submit_button(
            "Ask for a quote", type="primary", icon=":material/request_quote:"
        )
    if not sent:
        return None
    return Opened(
        model, reason, engine if engine in offer.engines else "", key, dry_run=dry, parameters=given
    )
