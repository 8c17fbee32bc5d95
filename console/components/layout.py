"""The frame of a page: dress, header, blocks, splits, banners, empty states, stepper."""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from console.components import memory
from console.format import plain
from console.theme import STATUS, stylesheet


def mode() -> str:
    """Return the mode of this run; light until the browser has said otherwise."""
    return st.context.theme.type or "light"


def dress() -> None:
    """Put the stylesheet into the page and begin the run's counters."""
    memory.begin()
    st.html(f"<style>{stylesheet(mode())}</style>")


def slug(words: str) -> str:
    """Return words as a part of a key."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in words.lower())


def header(title: str, sentence: str, *, badges: Sequence[str] = ()) -> None:
    """Draw the page header: the title, badges on its line, one sentence of Markdown."""
    with st.container(gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title(plain(title), anchor=False, width="content")
            for each in badges:
                st.markdown(each, width="content")
        st.caption(sentence)


def verdict(sentence: str) -> None:
    """Draw the verdict sentence: the largest text after the title."""
    with st.container(key=f"cs-verdict-{memory.counted('verdict')}"):
        st.markdown(sentence)


def block(title: str, note: str = "", *, key: str = "") -> DeltaGenerator:
    """Return a block: a heading with a muted note on its line; draw inside ``with``."""
    outer = st.container(key=f"cs-block-{key or slug(title)}")
    with outer, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(title, anchor=False, width="content")
        if note:
            st.caption(note, width="content")
    return outer


def split(name: str, weights: Sequence[float]) -> Sequence[DeltaGenerator]:
    """Return columns that stand one under the other on a tablet."""
    with st.container(key=f"cs-split-{name}"):
        return st.columns(list(weights), gap="large")


def banner(
    kind: str, text: str, action: str = "", on_click: Callable[[], None] | None = None
) -> None:
    """Draw one sentence of Markdown with a rule at its left and at most one action."""
    icon, _, colour = STATUS[kind]
    number = memory.counted("banner")
    with st.container(
        key=f"cs-banner-{kind}-{number}", horizontal=True, vertical_alignment="center"
    ):
        st.markdown(f":{colour}[:material/{icon}:] {text}", width="stretch")
        if action:
            st.button(action, key=f"cs-act-{kind}-{number}", type="tertiary", on_click=on_click)


def empty(title: str, why: str) -> DeltaGenerator:
    """Draw what would stand here and why it does not; draw the next step inside ``with``."""
    outer = st.container(
        key=f"cs-empty-{memory.counted('empty')}-{slug(title)}", horizontal_alignment="left"
    )
    with outer:
        st.markdown(f"**{title}**")
        st.caption(why)
    return outer


def stepper(steps: Iterable[tuple[str, str, str, str]]) -> None:
    """Draw lifecycle steps as an ordered list: state (done, now, later), name, date, actor."""
    items = "".join(
        f'<li class="{html.escape(state)}"{" aria-current=step" if state == "now" else ""}>'
        f"<b>{html.escape(name)}</b>{html.escape(date)}<br>{html.escape(actor)}</li>"
        for state, name, date, actor in steps
    )
    st.html(f'<ol class="cs-stepper">{items}</ol>')


def facts(rows: Mapping[str, str]) -> None:
    """Draw keys and values of Markdown, one line each."""
    st.table(dict(rows), border="horizontal")


def scope() -> DeltaGenerator:
    """Return the bar of labelled selects."""
    return st.container(
        key=f"cs-scope-{memory.counted('scope')}",
        horizontal=True,
        vertical_alignment="bottom",
        gap="small",
    )


def follow() -> DeltaGenerator:
    """Return a container that stays in sight while its column scrolls."""
    return st.container(key="cs-follow", gap="small")
