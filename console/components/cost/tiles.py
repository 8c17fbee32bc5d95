"""Numbers beside each other, each with what it is and what it rests on."""

from collections.abc import Sequence

import streamlit as st

from console.format import plain


def tiles(key: str, told: Sequence[tuple[str, str, str]]) -> None:
    """Draw numbers beside each other; they stand under each other on a tablet."""
    with st.grid(len(told), min_column_width=150, gap="small"):
        for place, (value, words, note) in enumerate(told):
            with st.container(key=f"cs-sum-{key}-{place}", gap=None, height="stretch"):
                with st.container(key=f"cs-count-cost-{key}-{place}"):
                    st.markdown(plain(value))
                st.caption(f"{plain(words)}  \n{plain(note)}")
