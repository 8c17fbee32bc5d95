"""Links between pages: every state that matters stands in the address."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from console.components import memory
from console.components.text import sign

ARROW = ":material/arrow_forward:"


def register(pages: Mapping[str, Any]) -> None:
    """Keep the pages of this run, by name."""
    memory.keep("pages", dict(pages))


def query() -> dict[str, str]:
    """Return the query of the address."""
    return {str(k): str(v) for k, v in st.query_params.to_dict().items()}


def tell(page: str) -> None:
    """Say to the browser what this run was asked for: it keeps no query of a link to its own page."""
    left, told = memory.kept("page", "") != page, st.query_params.to_dict()
    memory.keep("page", page)
    if left:  # the browser writes the address of another page itself
        return
    if told:
        st.query_params.from_dict(told)
    else:
        st.query_params.clear()


def ask(**values: str | None) -> None:
    """Write values into the address; None takes one away."""
    for name, value in values.items():
        if st.query_params.get(name) == (value or None):
            continue
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def link(
    page: str, label: str, *, icon: str = "", arrow: bool = False, **query_params: str
) -> None:
    """Draw a link to another page."""
    target = memory.kept("pages", {}).get(page)
    if target is None:
        st.markdown(label)
        return
    st.page_link(
        target,
        label=label,
        icon=ARROW if arrow else f":material/{icon}:" if icon else None,
        icon_position="right" if arrow else "left",
        query_params=query_params or None,
        width="content",
    )


def back(page: str, label: str) -> None:
    """Draw the way from one thing back to the list on the same page.

    Notes
    -----
    A query that says nothing: Streamlit keeps the old one where a link to its own page has none.
    """
    link(page, label, icon="arrow_back", list="all")


def href(page: str, label: str, /, **query_params: str) -> str:
    """Return a link as Markdown, for a sentence or a table cell; ``label`` is already escaped."""
    return f"[{label}]({address(page, **query_params)})"


def address(page: str, /, **query_params: str) -> str:
    """Return the address of a page within the console."""
    return f"/{page}?{urlencode(query_params)}" if query_params else f"/{page}"


def go(page: str, **query_params: str) -> None:
    """Go to another page now."""
    st.switch_page(memory.kept("pages", {})[page], query_params=query_params or None)


def tile(key: str, icon: str, count: int, words: str, page: str, **query_params: str) -> None:
    """Draw one tile of the attention strip; a count of zero is grey and has no icon."""
    with st.container(key=f"cs-tile-{key}"):
        with st.container(key=f"cs-count-{key}"):
            st.markdown(f"{sign(icon)} {count}" if count else f":gray[{count}]")
        target = memory.kept("pages", {}).get(page)
        if target is not None:
            st.page_link(target, label=words, query_params=query_params or None, width="stretch")
        else:
            st.caption(words)
