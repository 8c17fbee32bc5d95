"""Training against serving, from the first window on."""

import streamlit as st

from console.components.layout import block, empty
from console.components.tables import table
from console.components.text import badge
from console.format import plain, plural
from console.views.drift.skew import Skew, SkewRow
from console.views.drift.view import DriftView


def skew(view: DriftView) -> None:
    """Draw what differs between training and serving ever since the version serves."""
    if view.pair is None or view.skew is None:
        return
    note = f"smallest distance since service began, as of {view.pair.window}"
    with block("Training and serving", note, key="skew"):
        _skew(view.skew)


def _skew(found: Skew) -> None:
    if not found.rows and not found.others:
        with empty("Not measured", "Nobody compared this window with training."):
            return
    if not found.rows:
        with empty("Served as in training", f"in {plural(found.others, 'feature')}"):
            return
    table([_row(row) for row in found.rows], "Training and serving", wrap=4, right=(2, 3))
    if found.others:
        st.caption(f"{plural(found.others, 'more feature')} as in training")


def _row(row: SkewRow) -> dict[str, str]:
    return {
        "Feature": plain(row.feature),
        "Skew": _marked(row.status, row.value),
        "Chance": row.chance,
        "What differs": _marked(row.writing, row.words),
    }


def _marked(status: str, words: str) -> str:
    return plain(words) if status == "none" else badge(status, plain(words))
