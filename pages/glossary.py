"""Glossary: one word per thing."""

import streamlit as st

from console.components import links
from console.components.layout import block, empty, header
from console.components.tables import table
from console.format import plain, plural
from console.views import glossary


def render() -> None:
    asked = links.query().get("find", "")
    view = glossary.load(asked)
    header("Glossary", f"{plural(view.total, 'word')}: one for each thing, here and in the files.")
    find = st.text_input("Find", value=asked, type="search", icon=":material/search:", width=260)
    if find != asked:
        links.ask(find=find)
        st.rerun()
    if view.words:
        with block("Words"):
            cells = [
                {"Word": f"**{plain(w.word)}**", "Meaning": plain(w.meaning)} for w in view.words
            ]
            table(cells, "Words of the glossary", wrap=2)
    else:
        with empty("No word fits", "Search for a part of a word or of its meaning."):
            links.link("glossary", "Show all", arrow=True)
