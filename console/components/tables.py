"""Tables: small ones in real HTML with badges and links, long ones on a canvas."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from console.components.layout import slug

ROW, HEAD, MOST = 32, 36, 640


def table(
    rows: Sequence[Mapping[str, str]],
    alt: str,
    *,
    wrap: int | tuple[int, ...] = 0,
    right: Sequence[int] = (),
) -> None:
    """Draw a small table that a screen reader can read; cells are Markdown.

    Parameters
    ----------
    wrap
        The column (from 1) that may break its lines; all others stay on one line.
    right
        The columns of numbers.
    """
    wide = (wrap,) if isinstance(wrap, int) else wrap
    marks = "-many-" if len(wide) > 1 else ""
    marks += "".join(f"-w{i}-" for i in wide) + "".join(f"-num{i}-" for i in right)
    with st.container(key=f"cs-table-{marks}-{slug(alt)}"):
        st.table(_columns(rows), border="horizontal", hide_index=True, alt=alt)


def grid(
    rows: Sequence[Mapping[str, Any]], alt: str, columns: Mapping[str, Any], *, key: str = ""
) -> int | None:
    """Draw a long table on a canvas; return the row whose cell was chosen, or None."""
    height = min(MOST, HEAD + ROW * max(1, len(rows)) + 2)
    chosen: Any = st.dataframe(
        pd.DataFrame([dict(r) for r in rows], columns=list(columns)),
        hide_index=True,
        row_height=ROW,
        height=height,
        key=key or f"cs-grid-{slug(alt)}",
        on_select="rerun",
        selection_mode="single-cell",
        placeholder="–",
        alt=alt,
        column_config=dict(columns),
    )
    cells = chosen.get("selection", {}).get("cells", [])
    return int(cells[0][0]) if cells else None


def _columns(rows: Sequence[Mapping[str, str]]) -> pa.Table:
    """Return rows as columns of text: without a data frame between, a tenth of the work."""
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table(
        {name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in names}
    )
