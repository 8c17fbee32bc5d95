"""The first tab: may this run, and why."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from console.actions.at_once import AskedAtOnce
from console.actions.model import Asked
from console.components import memory
from console.components.gate import ladder
from console.components.layout import block, empty, facts, split, stepper
from console.components.model.asking import request
from console.components.tables import table
from console.components.tasks import progress
from console.format import plain
from console.views.overview import OverviewView
from console.views.task import TaskRow


@dataclass(frozen=True, slots=True)
class Wired:
    """What the tab may call: how a task is doing, how one is stopped."""

    task: Callable[[], TaskRow | None]
    cancel: Callable[[str], None]


def overview(view: OverviewView, wired: Wired) -> Asked | AskedAtOnce | str | None:
    """Draw the tab; return a filled request, the key of a wanted measurement, or None."""
    stepper(view.steps)
    left, right = split("overview", [15, 9])
    with left:
        _gate(view)
        if view.since:
            _since(view)
    with right:
        measure = _measurement(view, wired)
        asked = request(view.requesting, f"{view.name}-{view.version}")
        with block("About this version"):
            facts({plain(k): plain(v) for k, v in view.facts})
    return asked or measure


def _gate(view: OverviewView) -> None:
    if view.ladder is not None:
        ladder(view.ladder, view.name, view.version, wide=False)
        return
    with block("Gate"), empty("No gate yet", plain(view.no_ladder)):
        pass


def _since(view: OverviewView) -> None:
    with block("Since the approval", plain(view.since_note)):
        rows = [{"What": plain(what), "Change": plain(change)} for what, change in view.since]
        table(rows, "Changes since the last approval", wrap=2)


def _measurement(view: OverviewView, wired: Wired) -> str | None:
    measuring = view.measuring
    with block("Measurement", plain(measuring.sentence)):
        if measuring.task_id:
            progress(wired.task, wired.cancel)
        if not measuring.allowed:
            st.caption(plain(measuring.why))
            return None
        form = f"measure-{view.name}-{view.version}"
        if st.button("Measure", icon=":material/science:", key=f"cs-{form}"):
            return memory.form_key(form)
    return None
