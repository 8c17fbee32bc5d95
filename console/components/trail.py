"""The parts of the audit trail: the head of the chain, filters, one event."""

import streamlit as st

from console.components import links
from console.components.layout import block, facts, scope, split
from console.components.text import badge, mono
from console.format import plain
from console.views.chain import ChainView
from console.views.trail import TrailView

ALL = "All"


def head(view: TrailView) -> None:
    """Draw where the chain stands."""
    with block("Chain", "each event seals all before it"):
        facts({plain(k): mono(v) if "hash" in k else plain(v) for k, v in view.head})


def found(view: ChainView) -> None:
    """Draw what a verification found."""
    with st.container(key="cs-verdict-chain"):
        st.markdown(f"{badge(view.status, plain(view.word))} {plain(view.sentence)}")
    facts({plain(k): mono(v) for k, v in view.facts})


def filters(view: TrailView) -> None:
    """Draw the filters; a change writes the address and runs the page again."""
    asked = links.query()
    people = dict(view.people)
    with scope():
        offered = [ALL, *view.actions]
        now = asked.get("action", ALL)
        action = st.selectbox(
            "Action", offered, index=offered.index(now) if now in offered else 0, width=220
        )
        who = [ALL, *people]
        by = st.selectbox(
            "By", who, index=who.index(asked["by"]) if asked.get("by") in who else 0,
            format_func=lambda p: str(people.get(p, p)), width=200,
        )  # fmt: skip
        subject = st.text_input(
            "About", value=asked.get("about", ""), placeholder="model, review, person",
            type="search", width=240,
        )  # fmt: skip
    wanted = {
        "action": None if action == ALL else action,
        "by": None if by == ALL else by,
        "about": subject or None,
    }
    if any((asked.get(k) or None) != v for k, v in wanted.items()):
        links.ask(**wanted, before=None)
        st.rerun()


def older(view: TrailView) -> None:
    """Draw the way to earlier events."""
    if view.older:
        with st.container(key="cs-go-older"):
            query = {k: v for k, v in links.query().items() if k != "event"}
            links.link("trail", "Earlier events", arrow=True, **{**query, "before": view.older})


def detail(view: TrailView) -> None:
    """Draw one event: what it says, and the exact bytes that were sealed."""
    left, right = split("event", [1, 1])
    with left, block("Event"):
        facts({plain(k): plain(v) for k, v in view.detail})
    with right, block("Payload", "as sealed in the envelope"):
        st.code(view.envelope, language="json", wrap_lines=True)
