"""Earlier revisions of a card: the list, how one differs from what stands, and putting it back."""

import streamlit as st

from console.actions.model import Restored
from console.components import links
from console.components.layout import block
from console.components.tables import table
from console.components.text import badge, mono
from console.format import digest, plain
from console.views.card import CardView, Compared

NONE = "none"
MARKS = {"+": ("pass", "now"), "-": ("none", "then")}


def revisions(view: CardView) -> Restored | None:
    """Draw the revisions; return the one that is to stand again, or None."""
    with block("Revisions", f"revision {view.revision} stands"):
        rows = [
            {
                "No": str(row.revision),
                "Changed": plain(row.changed),
                "By": plain(row.by),
                "When": plain(row.when),
            }
            for row in view.revisions
        ]
        table(rows, "Revisions of the card, newest first", wrap=2, right=(1,))
        st.caption(f"Digest {mono(digest(view.sha256, 3))}")
        st.download_button(
            "Card as Markdown",
            view.markdown,
            file_name=f"card-v{view.version}-r{view.revision}.md",
            mime="text/markdown",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )
        return _compare(view)


def _compare(view: CardView) -> Restored | None:
    earlier = [str(row.revision) for row in view.revisions if row.revision != view.revision]
    if not earlier:
        return None
    now = str(view.compared.revision) if view.compared else NONE
    offered = [NONE, *earlier]
    chosen = st.selectbox(
        "Compare with revision", offered, index=offered.index(now) if now in offered else 0
    )
    if chosen != now:
        links.ask(revision=None if chosen == NONE else chosen)
        st.rerun()
    if view.compared is None:
        return None
    _differences(view.compared)
    if not view.may_edit or not view.compared.sections:
        return None
    label = f"Restore revision {view.compared.revision}"
    if st.button(label, icon=":material/restore_page:", help="It becomes the newest revision"):
        return Restored(view.compared.revision, view.revision)
    return None


def _differences(compared: Compared) -> None:
    if not compared.sections:
        st.caption("It says the same as the revision that stands.")
    for title, lines in compared.sections:
        st.markdown(f"**{plain(title)}**")
        for line in lines:
            mark = MARKS.get(line[:1])
            words = plain(line[2:]) or "(an empty line)"
            st.markdown(f"{badge(*mark)} {words}" if mark else words)
