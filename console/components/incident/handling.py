"""The right column of an incident: where it stands, who has it, what it did, how it ends."""

from collections.abc import Callable

import streamlit as st

from console.actions.incidents import Assigned, Described, Judged, Moved, Told
from console.components import links, memory
from console.components.layout import block
from console.components.text import badge
from console.format import plain
from console.views.incident import IncidentView
from console.views.incidents import HARMS, SEVERITIES
from services.decisions.incident.report import PARTICULARS
from services.decisions.incident.types import Harm, PostMortem, Stage

VERBS = {
    "investigating": "Investigate",
    "mitigated": "Mark as mitigated",
}
Asked = Assigned | Described | Judged | Moved | PostMortem | Told


def handling(view: IncidentView) -> Asked | None:
    """Draw what may be done about the incident itself; return a filled form or None."""
    with block("Handling"):
        st.markdown(badge(view.status, view.word))
        if not view.handling.may:
            st.caption("A person who trains, owns, checks, approves or runs the model handles it.")
            return None
        moved = _move(view)
    closed, judged, assigned = _close(view), _judge(view), _assign(view)
    return moved or closed or judged or assigned


def _move(view: IncidentView) -> Moved | None:
    if not view.handling.states:
        return None
    with st.form(f"cs-incident-move-{view.incident_id}-{view.word}", border=False):
        reason = st.text_input("Reason", placeholder="What changed?")
        pressed = [
            state
            for state in view.handling.states
            if st.form_submit_button(_verb(view, state), width="stretch")
        ]
    return Moved(pressed[0], reason) if pressed else None


def _verb(view: IncidentView, state: str) -> str:
    return "Open it again" if view.word == "Closed" else VERBS[state]


def _close(view: IncidentView) -> PostMortem | None:
    if not view.handling.closes:
        return None
    with (
        block("Close", "with what was learned"),
        st.form(f"cs-incident-close-{view.incident_id}", border=False),
    ):
        cause = st.text_area("What caused it", height=68)
        done = st.text_area("What was done", height=68)
        prevention = st.text_area("What prevents it", height=68)
        sent = st.form_submit_button("Close incident", type="primary", width="stretch")
    return PostMortem(cause, done, prevention) if sent else None


def _judge(view: IncidentView) -> Judged | None:
    harms = list(HARMS)
    with (
        st.expander("Severity and harm", icon=":material/balance:"),
        st.form(f"cs-incident-judge-{view.incident_id}", border=False),
    ):
        severity = st.selectbox("Severity", SEVERITIES, index=SEVERITIES.index(view.severity))
        harm = st.selectbox(
            "Harm", harms, index=harms.index(Harm(view.harm)), format_func=HARMS.__getitem__
        )
        aware = st.text_input("Known since (UTC)", placeholder=view.aware)
        sent = st.form_submit_button("Judge", width="stretch")
    return Judged(severity, harm.value, aware) if sent else None


def _assign(view: IncidentView) -> Assigned | None:
    people = view.handling.people
    everybody = list(people)
    with (
        st.expander("Give it to somebody else", icon=":material/person:"),
        st.form(f"cs-incident-assign-{view.incident_id}", border=False),
    ):
        began = everybody.index(view.owner_id) if view.owner_id in people else 0
        owner = st.selectbox("Who", everybody, index=began, format_func=people.__getitem__)
        sent = st.form_submit_button("Give it", width="stretch")
    return Assigned(owner) if sent else None


def authority(view: IncidentView, made: Callable[[str], bytes]) -> Told | Described | None:
    """Draw the clock of the report, the report itself, and what it asks."""
    with block("Report to the authority", key="incident-report"):
        st.markdown(f"{badge(view.clock_status, view.clock)} {plain(view.clock_rest)}")
        st.caption(f"Known since {view.aware} · {HARMS[Harm(view.harm)]}")
        if view.handling.exports:
            for kind, ending in (("Markdown", "md"), ("JSON", "json")):
                st.download_button(
                    f"Report as {kind}", lambda kind=kind: made(kind.lower()),
                    file_name=f"incident-{view.incident_id}.{ending}", on_click="ignore",
                    icon=":material/download:", type="tertiary",
                )  # fmt: skip
        if not view.handling.may:
            return None
        told, described = _told(view), _particulars(view)
    return told or described


def _told(view: IncidentView) -> Told | None:
    form = f"incident-told-{view.incident_id}"
    key = memory.form_key(form)
    with st.form(f"cs-{form}", border=False):
        stage = st.selectbox(
            "Report sent", [each.value for each in Stage], format_func=str.capitalize
        )
        sent = st.form_submit_button("The authority was told", width="stretch")
    return Told(stage, key) if sent else None


def _particulars(view: IncidentView) -> Described | None:
    with (
        st.expander("What the report asks", icon=":material/list_alt:"),
        st.form(f"cs-incident-described-{view.incident_id}", border=False),
    ):
        written = {
            key: st.text_input(title, view.particulars.get(key, ""), placeholder="UNKNOWN")
            for key, title in PARTICULARS.items()
        }
        sent = st.form_submit_button("Save", width="stretch")
    changed = {k: text for k, text in written.items() if text != view.particulars.get(k, "")}
    return Described(changed) if sent else None


def ways_out(view: IncidentView) -> None:
    """Draw the way to the model, where a version is suspended or rolled back."""
    query = {"name": view.model, "tab": "Decisions"}
    if view.version is not None:
        query["version"] = str(view.version)
    links.link("model", "Suspend or roll back", arrow=True, **query)
