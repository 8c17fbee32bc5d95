"""Global explanation: bars, ranks beside another version, how it was computed."""

import streamlit as st

from console.components.charts import chart
from console.components.layout import block, empty, facts, mode, split
from console.components.tables import table
from console.figures.bars import importance
from console.format import plain
from console.views.explanations import ExplanationsView


def explanations(view: ExplanationsView) -> None:
    """Draw the tab."""
    if view.missing:
        with empty("Not measured", plain(view.missing)):
            pass
        return
    left, right = split("explanations", [7, 5])
    other = f"v{view.compare}" if view.compare else ""
    with left, block("What moves the answer", plain(view.unit)):
        figure = importance(view.bars, mode(), unit=view.unit, names=(f"v{view.version}", other))
        said = f"Importance of {len(view.bars)} features, {view.bars[0].feature} the largest"
        chart(figure, said, height=70 + 24 * len(view.bars), key="importance")
        if view.more:
            st.caption(f"{view.more} more features with smaller importance stand in the evidence.")
    with right:
        with block("How it was computed"):
            facts({plain(k): plain(v) for k, v in view.facts})
            st.caption(plain(view.source))
        if view.ranks:
            with block("Ranks", f"beside {other}"):
                rows = [
                    {"Feature": plain(f), f"v{view.version}": a, other: b, "Moved": plain(m)}
                    for f, a, b, m in view.ranks
                ]
                table(rows, "Ranks of features", wrap=1, right=(2, 3))
