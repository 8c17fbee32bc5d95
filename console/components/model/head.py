"""The sticky head of a model and the bar that chooses its version."""

import streamlit as st

from console.components import links
from console.components.layout import banner, scope
from console.components.text import badge
from console.format import plain
from console.views.model import ModelHead


def head(view: ModelHead) -> None:
    """Draw name, alias, facts, verdict in one sentence, and the one action that is valid."""
    with st.container(key="cs-sticky", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.title(plain(view.name), anchor=False, width="content")
            st.caption(_facts(view), width="stretch")
            _next(view)
        with st.container(key="cs-verdict-head"):
            mark = badge(view.status, plain(view.word))
            st.markdown(f"{mark} **{plain(view.lead)}** {plain(view.rest)}")
    if view.suspended:
        banner("fail", plain(view.suspended))
    if view.stale:
        banner("unknown", plain(view.stale))


def bar(view: ModelHead) -> tuple[int, int | None]:
    """Draw the selects that drive all tabs; return version and compare-with."""
    labels = {option.number: option.label for option in view.versions}
    numbers = list(labels)
    others: list[int | None] = [None, *(n for n in numbers if n != view.version)]
    with scope():
        version = st.selectbox(
            "Version",
            numbers,
            index=numbers.index(view.version),
            format_func=lambda n: labels[n],
            key=f"cs-version-{view.name}",
            width=220,
        )
        compare = st.selectbox(
            "Compare with",
            others,
            index=others.index(view.compare) if view.compare in others else 0,
            format_func=lambda n: "nothing" if n is None else labels[n],
            key=f"cs-compare-{view.name}-{view.version}",
            width=220,
        )
        st.caption(plain(view.freshness), width="stretch")
    return version, compare


def _facts(view: ModelHead) -> str:
    said = [plain(fact) for fact in view.facts if fact]
    if view.alias:
        target = f"**v{view.alias_version}**" if view.alias_version else "nothing yet"
        said.insert(0, f"{plain(view.alias)} → {target}")
    return " · ".join(said)


def _next(view: ModelHead) -> None:
    with st.container(key="cs-go-head", width="content"):
        if view.next.kind == "review":
            links.link("review", plain(view.next.words), icon="draw", id=view.next.review_id)
        elif view.next.kind == "govern":
            links.link("models", plain(view.next.words), icon="assignment_add", govern=view.name)
        else:
            st.caption(plain(view.next.words), width="content")
