"""What grids emit: the factors by which energy becomes CO₂e."""

from collections.abc import Sequence

import streamlit as st

from console.components.layout import block
from console.components.tables import table
from console.components.text import chip
from console.format import plain
from console.views.cost.factors import FactorRow


def draw(rows: Sequence[FactorRow]) -> None:
    """Draw the block."""
    with block(
        "What grids emit", "CO₂e for a kilowatt-hour used; the newest of each", key="factors"
    ):
        if not rows:
            st.caption(
                "No factor is published: what energy emitted is unknown. Publish a list with"
                " `countersign grid import FILE`."
            )
            return
        if any(row.sample for row in rows):
            st.caption(f"{chip('sample')} {plain(next(row.source for row in rows if row.sample))}")
        table([_line(row) for row in rows], "What grids emit", wrap=4, right=(2,))


def _line(row: FactorRow) -> dict[str, str]:
    return {
        "Region": plain(row.region),
        "CO₂e": plain(row.amount),
        "From": plain(row.since),
        "Source": chip("sample") if row.sample else plain(row.source),
    }
