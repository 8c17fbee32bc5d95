"""A task while it runs: how far, what it says, its log, and the button that stops it."""

from collections.abc import Callable

import streamlit as st

from console.components.text import badge
from console.format import plain
from console.views.task import TaskRow

EVERY = 1.0


def progress(
    load: Callable[[], TaskRow | None], cancel: Callable[[str], None] | None = None
) -> None:
    """Draw a task; while it is not over, ask again every second and rerun the page at its end."""
    first = load()
    if first is None:
        return
    if first.over:
        _draw(first, None)
        return

    @st.fragment(run_every=EVERY)
    def poll() -> None:
        row = load()
        if row is None or row.over:
            st.rerun()
            return
        _draw(row, cancel)

    poll()


def _draw(row: TaskRow, cancel: Callable[[str], None] | None) -> None:
    st.markdown(f"{badge(row.status, row.word)} **{plain(row.title)}** :gray[{plain(row.when)}]")
    if not row.over:
        st.progress(min(1.0, max(0.0, row.progress)), text=plain(row.message) or "waiting")
    elif row.message:
        st.caption(plain(row.message))
    if row.log:
        with st.expander("Log", icon=":material/subject:"):
            st.code("\n".join(row.log), language=None, wrap_lines=True)
    if row.stopping and not row.over:
        st.caption("Asked to stop; it ends at the next step.")
    elif cancel is not None and row.may_cancel and not row.over:
        st.button(
            "Cancel",
            key=f"cs-cancel-{row.task_id}",
            icon=":material/cancel:",
            on_click=cancel,
            args=(row.task_id,),
        )
