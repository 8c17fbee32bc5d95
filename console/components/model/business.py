"""Business figures against their targets, and the form that says what they are."""

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from console.actions.business import FigureDropped, FigureTyped
from console.components import links
from console.components.charts import chart
from console.components.layout import block, empty, mode, split
from console.components.tables import table
from console.components.text import badge, mono
from console.figures.windows import over_windows
from console.format import NOTHING, plain
from console.views.business import BusinessView, FigureRow
from services.standards.target.types import DIRECTIONS, Kpi

ANOTHER = "another one"
BETTER: Mapping[str, str] = MappingProxyType(
    {"higher": "Higher is better", "lower": "Lower is better"}
)
HINT = 'share(decision = "approve" where outcome = 1)'


def business(view: BusinessView) -> FigureTyped | FigureDropped | None:
    """Draw the figures and their form; return what was filled in."""
    left, right = split("business", [15, 9])
    with left, block("Business figures", plain(view.note), key="business"):
        _list(view)
        for place, row in enumerate(view.rows):
            _trend(row, place)
    with right:
        return _form(view) if view.may_set else None


def _list(view: BusinessView) -> None:
    if not view.rows:
        empty("No business figure", plain(view.why_not))
        return
    lines = [
        {
            "State": badge(row.status, row.word),
            "Figure": plain(row.kpi.name),
            "Value": plain(row.value) or NOTHING,
            "Target": plain(row.target) or NOTHING,
            "Window": plain(row.when) or NOTHING,
            "Comes from": mono(row.kpi.formula) if row.kpi.formula else "sent by API",
        }
        for row in view.rows
    ]
    table(lines, "Business figures against their targets", wrap=(2, 6))


def _trend(row: FigureRow, place: int) -> None:
    if row.course is None:
        return
    st.caption(plain(row.kpi.name))
    said = f"{row.kpi.name} over {len(row.course.lines[0].points)} windows: {row.value}, {row.word}"
    chart(over_windows(row.course, mode()), said, height=150, key=f"figure-{place}")


def _form(view: BusinessView) -> FigureTyped | FigureDropped | None:
    chosen = view.chosen
    with block("Say what is watched", "a number over the log, or one that is sent", key="figure"):
        _which(view)
        with st.form(f"cs-figure-{view.name}-{chosen.name if chosen else ''}", border=False):
            typed = _fields(chosen)
            with st.container(horizontal=True):
                sent = st.form_submit_button("Save figure", type="primary")
                dropped = chosen is not None and st.form_submit_button(
                    "Watch it no longer", type="tertiary"
                )
    if dropped and chosen is not None:
        return FigureDropped(chosen.name)
    return typed if sent else None


def _which(view: BusinessView) -> None:
    known = [ANOTHER, *(row.kpi.name for row in view.rows)]
    now = view.chosen.name if view.chosen else ANOTHER
    if len(known) > 1:
        asked = st.selectbox("Figure", known, index=known.index(now), key=f"cs-which-{view.name}")
        if asked != now:
            links.ask(figure=None if asked == ANOTHER else asked)
            st.rerun()


def _fields(kpi: Kpi | None) -> FigureTyped:
    name = kpi.name if kpi else st.text_input("Name of the figure", max_chars=120)
    with st.container(horizontal=True):
        unit = st.text_input("Unit, 1 for a share", kpi.unit if kpi else "1", max_chars=30)
        target = st.number_input("Target", value=kpi.target if kpi else None, format="%g")
    direction = st.selectbox(
        "Better", DIRECTIONS, index=DIRECTIONS.index(kpi.direction) if kpi else 0,
        format_func=BETTER.__getitem__,
    )  # fmt: skip
    formula = st.text_area(
        "Formula; empty where it is sent", (kpi.formula or "") if kpi else "", placeholder=HINT,
        height=68,
    )  # fmt: skip
    return FigureTyped(name, unit, direction, target, formula)
