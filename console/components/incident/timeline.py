"""What happened and what is to be done, with the forms that add to it."""

import streamlit as st

from console.actions.incidents import Done, Noted, Planned
from console.components import links, memory
from console.components.layout import block, facts, scope
from console.components.tables import table
from console.components.text import badge, chip
from console.format import NOTHING, paragraph, plain
from console.views.incident import IncidentView, Line, RemedyRow

ICONS = {
    "note": "edit_note",
    "evidence": "science",
    "action": "task_alt",
    "state": "flag",
    "report": "gavel",
}


def timeline(view: IncidentView) -> Noted | None:
    """Draw the timeline, oldest line first; return a filled form or None."""
    with block("What happened", "nothing here is ever changed or taken away"):
        cells = [
            {
                "When": line.when,
                "Who": plain(line.who),
                "Kind": chip(line.kind, ICONS[line.kind]),
                "What": _what(line, view),
            }
            for line in view.lines
        ]
        table(cells, "Timeline of the incident, oldest first", wrap=4)
        return _note(view) if view.handling.may else None


def _what(line: Line, view: IncidentView) -> str:
    words = plain(line.words)
    if not line.evidence_id:
        return words
    query = {"name": view.model, "tab": "Evidence", "id": line.evidence_id}
    return f"{words} {links.href('model', 'Open the evidence', **query)}"


def _note(view: IncidentView) -> Noted | None:
    form = f"incident-note-{view.incident_id}"
    key = memory.form_key(form)
    with st.form(f"cs-{form}-{key}", border=False):
        text = st.text_area("Note", placeholder="What was found, or done", height=68)
        with scope():
            evidence = st.text_input("Evidence it rests on", placeholder="its id", width=320)
            sent = st.form_submit_button("Write it down", icon=":material/edit_note:")
    return Noted(text, evidence, key) if sent else None


def remedies(view: IncidentView) -> Planned | Done | None:
    """Draw what is to be done; return what was asked for or None."""
    with block("Actions", "an incident is closed when all of them are done"):
        if view.remedies:
            table([_cells(each) for each in view.remedies], "Actions", wrap=2)
        else:
            st.caption("Nothing is written down to be done.")
        if not view.handling.may:
            return None
        left = [each for each in view.remedies if not each.done]
        done, planned = _done(left), _plan(view)
    return done or planned


def _cells(each: RemedyRow) -> dict[str, str]:
    state = badge("info", "Done") if each.done else badge("fail", "Late") if each.late else ""
    return {
        "State": state or badge("stale", "To do"),
        "What": plain(each.what),
        "By": plain(each.owner),
        "Until": each.due,
        "Done": plain(each.done) or NOTHING,
    }


def _done(left: list[RemedyRow]) -> Done | None:
    for each in left:
        if st.button(
            f"Mark as done: {plain(each.what[:40])}", key=f"cs-done-{each.remedy_id}",
            icon=":material/task_alt:", type="tertiary",
        ):  # fmt: skip
            return Done(each.remedy_id)
    return None


def _plan(view: IncidentView) -> Planned | None:
    form = f"incident-plan-{view.incident_id}"
    key, people = memory.form_key(form), view.handling.people
    with st.form(f"cs-{form}-{key}", border=False), scope():
        what = st.text_input("To be done", width=300)
        everybody = list(people)
        began = everybody.index(view.owner_id) if view.owner_id in people else 0
        owner = st.selectbox(
            "By", everybody, index=began, format_func=people.__getitem__, width=180
        )
        due = st.text_input("Until (UTC)", placeholder="2026-03-14", width=140)
        sent = st.form_submit_button("Add")
    return Planned(what, owner, due, key) if sent else None


def learned(view: IncidentView) -> None:
    """Draw the post-mortem."""
    if view.learned:
        with block("Post-mortem", "what was learned"):
            facts({title: paragraph(words) for title, words in view.learned})
