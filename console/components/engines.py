"""Engines: the list, one engine, the form, and the trial that comes before saving."""

import streamlit as st

from console.actions.engines import Typed
from console.components import links
from console.components.layout import block, facts, scope
from console.components.rows import To, rows
from console.components.text import badge, chip, mono
from console.format import NOTHING, plain
from console.views.engines import EngineRow, EnginesView, EngineTrial
from console.views.task import TaskRow
from services.standards.engine.types import Part

TITLES = ("State", "Name", "Kind", "Leads to", "GPUs", "Tried")
WEIGHTS = (1.8, 1.5, 1.5, 2.9, 1.3, 1.8)
INSIDE = "It may lie inside this network, without encryption"
WIDE = ("url", "ca", "mount", "image")


def engines(view: EnginesView) -> None:
    """Draw every engine."""
    rows(TITLES, WEIGHTS, [_line(row) for row in view.rows])


def _line(row: EngineRow) -> tuple[str | To, ...]:
    name = plain(row.name)
    return (
        badge(row.status, row.word),
        name if row.ours else To("engines", name, (("engine", row.name),)),
        plain(row.kind),
        plain(row.shown)
        if row.ours
        else mono(row.shown) + (f" {chip('inside', 'lan')}" if row.inside else ""),
        plain(row.gpu_type) or NOTHING,
        plain(row.tested),
    )


def engine(row: EngineRow) -> str | None:
    """Draw one engine; return the word of an action."""
    with block(plain(row.name), plain(row.kind), key="engine"):
        facts(
            {
                "Leads to": mono(row.shown),
                "GPU type": plain(row.gpu_type) or "any",
                "Tried": plain(row.tested),
                "Inside this network": "allowed" if row.inside else "never",
            }
        )
        return _actions(row)


def _actions(row: EngineRow) -> str | None:
    chosen = None
    with st.container(horizontal=True):
        if st.button("Try again", icon=":material/network_check:", key="cs-engine-test"):
            chosen = "test"
        word, icon = ("off", "toggle_off") if row.enabled else ("on", "toggle_on")
        if st.button(f"Switch {word}", icon=f":material/{icon}:", key="cs-engine-switch"):
            chosen = word
        if st.button("Remove", icon=":material/delete:", key="cs-engine-remove"):
            chosen = "remove"
    return chosen


def form(view: EnginesView) -> Typed | None:
    """Draw the form of an engine; return what was typed when a trial is asked for."""
    kinds = dict(view.kinds)
    with block("Set an engine", "it is tried first; a name that exists is replaced"):
        with scope():
            kind = st.selectbox(
                "Kind", list(kinds), index=list(kinds).index(view.kind),
                format_func=kinds.__getitem__, width=200, key="cs-engine-kind",
            )  # fmt: skip
        if kind != view.kind:
            links.ask(kind=kind)
            st.rerun()
        with st.form(f"cs-engine-{view.kind}", border=False):
            with scope():
                name = st.text_input("Name", placeholder="cluster", width=200)
                typed = [(part.name, _typed(part)) for part in view.parts]
            help_words = None if view.may_allow else "Only an administrator allows this"
            inside = st.checkbox(INSIDE, disabled=not view.may_allow, help=help_words)
            sent = st.form_submit_button("Try it", icon=":material/network_check:")
    return Typed(name, view.kind, tuple(typed), inside) if sent else None


def _typed(part: Part) -> str:
    label = part.words if part.required or part.default else f"{part.words} (optional)"
    if part.choices:
        return st.selectbox(label, part.choices, width=160)
    if part.lines:
        return st.text_area(label, height=68, width=420)
    return st.text_input(
        label,
        placeholder=part.default,
        type="password" if part.secret else "default",
        autocomplete="new-password" if part.secret else "off",
        width=420 if part.name in WIDE else 320,
    )


def saving(trial: EngineTrial, task: TaskRow | None) -> bool | None:
    """Offer to save what was tried; return whether untested, or None while nothing is asked."""
    if task is not None and task.over and not task.failed:
        said = f" {plain(trial.answer)}" if trial.answer else ""
        st.markdown(f"{badge('pass', 'Answered')} **{plain(trial.engine)}** can be used.{said}")
        if st.button("Save engine", type="primary", key="cs-engine-save"):
            return False
    elif st.button("Save untested", key="cs-engine-untested"):
        return True
    return None
