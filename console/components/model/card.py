"""The card: reads like a document, edits in place by section."""

import streamlit as st

from console.actions.model import Edited, Restored
from console.components import links, memory
from console.components.layout import block, split
from console.components.model.revisions import revisions
from console.components.text import badge, chip, muted
from console.format import paragraph, plain
from console.views.card import CardField, CardView

KINDS = {  # kind: (status, word)
    "unknown": ("unknown", "Unknown"),
    "not_applicable": ("none", "Not applicable"),
}
WORDS = {"auto": ("auto_awesome_motion", "Automatic"), "human": ("edit_note", "Written")}


def card(view: CardView, editing: str) -> Edited | Restored | None:
    """Draw the card; ``editing`` is the section that is open; return what was saved."""
    left, right = split("card", [15, 9])
    saved = None
    with left:
        for field in view.fields:
            saved = _section(view, field, open_=editing == field.key) or saved
    with right:
        with block("Completeness", plain(view.complete)):
            for title in view.missing:
                st.markdown(f"{badge('unknown', 'Unknown')} {plain(title)}")
            if not view.may_edit:
                st.caption(plain(view.why_not))
        restored = revisions(view)
    return saved or restored


def _section(view: CardView, field: CardField, *, open_: bool) -> Edited | None:
    with block(plain(field.title), key=f"card-{field.key}"):
        if open_ and view.may_edit and field.editable:
            return _form(view, field)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"{_kind(field)} {muted(plain(field.note))}", width="stretch")
            if view.may_edit and field.editable:
                label = f"Edit {field.title.lower()}"
                st.button(
                    label,
                    key=f"cs-edit-{field.key}",
                    type="tertiary",
                    icon=":material/edit:",
                    on_click=lambda key=field.key: links.ask(edit=key),
                )
        if field.text:
            st.markdown(paragraph(field.text))
        elif field.asks:
            st.caption(plain(field.asks))
    return None


def _kind(field: CardField) -> str:
    if field.stale:
        return badge("stale", "Evidence changed")
    if field.kind in WORDS:
        icon, word = WORDS[field.kind]
        return chip(word, icon)
    status, word = KINDS[field.kind]
    needed = ", required" if field.required and field.kind == "unknown" else ""
    return badge(status, word + needed)


def _form(view: CardView, field: CardField) -> Edited | None:
    began = memory.kept(_began(view, field), view.revision)
    memory.keep(_began(view, field), began)
    if began != view.revision:
        st.caption(f"Revision {view.revision} was saved meanwhile; here it reads:")
        st.markdown(paragraph(field.text) or muted("nothing"))
    with st.form(f"cs-card-{field.key}-{view.version}", border=False):
        text = st.text_area(
            field.title, value=field.written, placeholder=field.asks, height=150,
            key=f"cs-text-{view.name}-{view.version}-{field.key}",
        )  # fmt: skip
        without = st.checkbox(
            "Not applicable; the text says why", value=field.kind == "not_applicable"
        )
        with st.container(horizontal=True):
            sent = st.form_submit_button("Save section", type="primary")
            left = st.form_submit_button("Keep as it was", type="tertiary")
    if left:
        memory.drop(_began(view, field))
        links.ask(edit=None)
        st.rerun()
    if not sent:
        return None
    memory.keep(_began(view, field), view.revision)
    return Edited(field.key, text, without, began)


def _began(view: CardView, field: CardField) -> str:
    return f"began:{view.name}:{view.version}:{field.key}"
