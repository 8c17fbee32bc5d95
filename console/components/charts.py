"""A Plotly figure on a page, always with words for those who do not see it."""

from typing import Any

import streamlit as st

from console.figures.template import CONFIG


def chart(figure: Any, alt: str, *, height: int, key: str) -> None:
    """Draw a figure in our own template."""
    st.plotly_chart(
        figure, theme=None, config=CONFIG, height=height, key=f"cs-chart-{key}", alt=alt
    )
