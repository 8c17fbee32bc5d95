"""Incidents as rows, and the form that opens one."""

from collections.abc import Sequence

import streamlit as st

from console.actions.incidents import Opened
from console.components import memory
from console.components.layout import scope
from console.components.rows import To, rows
from console.components.text import badge
from console.format import plain, shortened
from console.views.incidents import HARMS, SEVERITIES, IncidentRow, Offer

TITLES = ("State", "Incident", "About", "Severity", "Report", "Handled by", "Opened")
WEIGHTS = (1.2, 3.0, 1.9, 1.1, 2.5, 1.5, 1.2)
EMPTY = {
    "Open": "One is opened here, or by an alert.",
    "Closed": "One that is closed stays here, with what was learned.",
}
FORM = "incident-open"


def listed(found: Sequence[IncidentRow]) -> None:
    """Draw incidents as rows."""
    lines = [
        (
            badge(row.status, row.word),
            To("incidents", plain(shortened(row.title)), (("id", row.incident_id),)),
            plain(row.about),
            row.severity,
            badge(row.due_status, row.due),
            plain(row.owner),
            row.opened,
        )
        for row in found
    ]
    rows(TITLES, WEIGHTS, lines)


def open_form(offer: Offer) -> Opened | None:
    """Draw the form that opens an incident; return it when it was sent."""
    if not offer.models:
        return None
    key = memory.form_key(FORM)
    began = offer.models.index(offer.model) if offer.model else 0
    box = st.expander(
        "Open an incident", icon=":material/add:", expanded=offer.asked, key="cs-incident-form",
        on_change="rerun",
    )  # fmt: skip
    if not box.open:
        return None
    with box, st.form("cs-incident-open", border=False, enter_to_submit=False):
        with scope():
            model = st.selectbox("Model", offer.models, index=began, width=240)
            version = st.text_input("Version", str(offer.version or ""), width=90)
            severity = st.selectbox("Severity", SEVERITIES, index=1, width=130)
            harms = list(HARMS)
            harm = st.selectbox("Harm", harms, format_func=HARMS.__getitem__, width=280)
            aware = st.text_input("Known since (UTC)", placeholder="now", width=180)
        title = st.text_input("Title", placeholder="What is wrong, in a few words")
        description = st.text_area("What happened", height=68)
        sent = st.form_submit_button("Open incident", type="primary", icon=":material/report:")
    if not sent:
        return None
    return Opened(model, version, title, description, severity, harm.value, aware, key)
