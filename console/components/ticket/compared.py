"""What a comparison on the holdout showed: what was looked at, worst first, and the numbers."""

import streamlit as st

from console.components.tables import table
from console.components.text import badge
from console.format import plain
from console.views.compared import ComparedView


def compared(view: ComparedView) -> None:
    """Draw a training report."""
    checks = [
        {
            "Result": badge(row.status, row.word),
            "Looked at": plain(row.what),
            "Found": plain(row.words),
        }
        for row in view.checks
    ]
    if checks:
        table(checks, "What was looked at", wrap=3)
    numbers = [
        {"Number": plain(row.what), "Value": row.value, "n": row.n, "Method": plain(row.method)}
        for row in view.numbers
    ]
    with st.expander("The numbers of the report", icon=":material/table:"):
        table(numbers, "The numbers of the training report", wrap=1, right=(2, 3))
