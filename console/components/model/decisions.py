"""Decisions: reviews, promotions, exemptions, moves of aliases, and the way back."""

from collections.abc import Sequence

import streamlit as st

from console.actions.model import BackAsked, ExcuseAsked
from console.actions.suspension import SuspendAsked
from console.components import links, memory
from console.components.layout import block, empty, split
from console.components.model import suspension
from console.components.tables import table
from console.components.text import badge
from console.format import plain
from console.views.decisions import DecisionRow, DecisionsView, WayBack
from console.views.suspension import Brake


def decisions(view: DecisionsView, brake: Brake) -> BackAsked | ExcuseAsked | SuspendAsked | None:
    """Draw the tab; return a filled form or None."""
    left, right = split("decisions", [15, 9])
    with left:
        _list("Reviews", view.reviews, "No review yet", "Ask for one on the overview.")
        _list("Promotions", view.promotions, "Nothing promoted", "An approval moves an alias.")
        if view.exemptions:
            _list("Exemptions and waivers", view.exemptions, "", "")
        _list("Moves of aliases", view.moves, "No alias moved yet", "Every move is kept for ever.")
    with right:
        suspension.incidents(brake)
        back = None if brake.asked else way_back(view.back, view.name)
        out = suspension.brake(brake)
        excuse = _excuse(view)
    return back or out or excuse


def way_back(view: WayBack, name: str) -> BackAsked | None:
    """Draw the form that puts an alias back to a version it once had."""
    with block("Roll back", "put an alias back to a version it once had", key="way-back"):
        if not view.allowed or not view.options:
            st.caption(plain(view.why))
            return None
        form = f"back-{name}"
        key = memory.form_key(form)
        with st.form(f"cs-{form}", border=False):
            option = st.selectbox("Back to", view.options, format_func=lambda o: o.words)
            reason = st.text_area("Reason", placeholder="What goes wrong now?", height=68)
            password = st.text_input("Password", type="password")
            sent = st.form_submit_button("Roll back", icon=":material/undo:", width="stretch")
        if not sent:
            return None
        return BackAsked(option.alias, option.target, reason, password, key, option.lifts)


def _list(title: str, rows: Sequence[DecisionRow], nothing: str, why: str) -> None:
    with block(title):
        if not rows:
            with empty(nothing, why):
                pass
            return
        cells = [
            {
                "State": badge(row.status, plain(row.word)),
                "What": _what(row),
                "Detail": plain(row.detail),
                "By": plain(row.by),
                "When": plain(row.when),
            }
            for row in rows
        ]
        table(cells, title, wrap=(2, 3))


def _what(row: DecisionRow) -> str:
    words = plain(row.what)
    return links.href("review", words, id=row.review_id) if row.review_id else words


def _excuse(view: DecisionsView) -> ExcuseAsked | None:
    if not view.may_excuse or not view.excusable:
        return None
    with block("Does not apply", "a validator says why; it stays grey, never green"):
        with st.form(f"cs-excuse-{view.name}-{view.version}", border=False):
            kind = st.selectbox("Evidence", view.excusable)
            reason = st.text_area("Why it does not apply", height=68)
            password = st.text_input("Your password", type="password")
            sent = st.form_submit_button("Sign as not applicable", width="stretch")
        return ExcuseAsked(kind or "", reason, password) if sent else None
