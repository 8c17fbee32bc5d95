"""Rows whose link opens in the same tab: hairlines, no boxes, one muted head."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from console.components import links, memory

MOST = 60


@dataclass(frozen=True, slots=True)
class To:
    """A cell that leads somewhere; its label is already escaped."""

    page: str
    label: str
    query: tuple[tuple[str, str], ...]
    arrow: bool = False

    def draw(self) -> None:
        """Draw the link."""
        links.link(self.page, self.label, arrow=self.arrow, **dict(self.query))


def rows(
    titles: Sequence[str], weights: Sequence[float], lines: Sequence[Sequence[str | To]]
) -> None:
    """Draw lines of Markdown and links under their titles; beyond ``MOST`` it says how many."""
    with st.container(gap=None):
        for cell, title in zip(_columns(weights), titles, strict=True):
            cell.caption(title)
        for line in lines[:MOST]:
            with st.container(key=f"cs-row-{memory.counted('row')}"):
                for cell, content in zip(_columns(weights), line, strict=True):
                    if isinstance(content, To):
                        kind = "go" if content.arrow else "cell"
                        with cell.container(key=f"cs-{kind}-{memory.counted('cell')}"):
                            content.draw()
                    else:
                        cell.markdown(content)
    if len(lines) > MOST:
        st.caption(f"{len(lines) - MOST:,} more; filter to see them.")


def _columns(weights: Sequence[float]) -> Sequence[DeltaGenerator]:
    return st.columns(list(weights), vertical_alignment="center", gap="small")
