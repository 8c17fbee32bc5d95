"""What a reviewer reads: conditions, regressions, evidence, signatures, consequences."""

from collections.abc import Callable, Sequence

import streamlit as st

from console.components import links
from console.components.gate import ladder
from console.components.layout import banner, block, facts
from console.components.tables import table
from console.components.text import badge, chip, mono, muted
from console.format import NOTHING, digest, plain
from console.views.cost.beside import CostBeside
from console.views.deciding import Deciding
from console.views.evidence import EvidenceRow
from console.views.review import ReviewView
from console.views.signing import Given, Regression


def may(deciding: Deciding) -> None:
    """Draw the conditions of signing before the button, not after it."""
    word = "yes" if deciding.may and not deciding.against else "in part" if deciding.may else "no"
    with block("May I decide?", word):
        icons = {True: ":material/check:", False: ":material/block:"}
        facts({f"{icons[c.ok]} {plain(c.title)}": plain(c.words) for c in deciding.checks})
        if deciding.may and deciding.against:
            st.caption("You may send it back or reject it; what is marked stands against approval.")


def regressions(view: ReviewView) -> tuple[str, ...]:
    """Draw what got worse, each with its own tick; return the keys that are ticked."""
    note = "acknowledge each before signing" if view.open and view.regressions else ""
    with block(
        f"Regressions against {plain(view.compared)}" if view.compared else "Regressions", note
    ):
        if not view.regressions:
            none = "Nothing to compare: no version holds this alias." if not view.compared else ""
            st.caption(none or "Nothing that was measured on both is worse.")
            return ()
        with st.container(gap=None):
            return tuple(row.key for row in view.regressions if _seen(row, ticks=view.open))


def _seen(row: Regression, *, ticks: bool) -> bool:
    with st.container(key=f"cs-row-reg-{row.key}", horizontal=True, vertical_alignment="center"):
        ticked = ticks and st.checkbox(
            f"I have seen: {plain(row.words)}",
            key=f"cs-ack-{row.key}",
            label_visibility="collapsed",
            width="content",
        )
        st.markdown(plain(row.words), width="stretch")
        mark = ":red[:material/dangerous:] " if row.fails else ""
        st.markdown(f"{mark}{plain(row.note)}", width="content")
    return ticked


def cost(view: ReviewView, found: CostBeside) -> None:
    """Draw what the candidate costs beside the champion; where nothing is known it says so."""
    with block(
        "Cost", "what it was, and would be, to the ledger; not signed unless it is evidence"
    ):
        if not found.rows:
            st.caption("The ledger has no line of either version.")
            return
        other = plain(view.compared) or "no champion"
        lines = [
            {
                "": plain(row.what),
                f"v{view.version}": plain(row.candidate),
                other: plain(row.champion) if view.compared else NOTHING,
                "Change": plain(row.change) or NOTHING,
            }
            for row in found.rows
        ]
        table(lines, "Cost beside the champion", wrap=1, right=(2, 3, 4))
        if found.notes:
            st.caption(plain("; ".join(found.notes).capitalize() + "."))


def evidence(rows: Sequence[EvidenceRow], draw: Callable[[str], None]) -> None:
    """Draw each evidence that the policy requires, opened, beside the decision."""
    with block(
        "Evidence", "what the policy requires, as filed; it stands open beside the decision"
    ):
        for row in rows:
            kind = plain(row.kind.replace("_", " ").capitalize())
            title = f"{kind} · {plain(row.word.lower())} · {plain(row.age)}"
            with st.expander(title, expanded=True, icon=":material/description:"):
                with st.container(key=f"cs-narrow-{row.kind}"):
                    draw(row.kind)


def given(rows: Sequence[Given]) -> None:
    """Draw the signatures that were given, each with the digest it covers."""
    if not rows:
        return
    with block("Signatures"):
        cells = [
            {
                "Standing": badge(row.status, plain(row.word)),
                "Name": plain(row.name),
                "As": plain(row.role),
                "Meaning": f"{plain(row.meaning)} {muted(plain(row.reason))}",
                "At": plain(row.at),
                "Digest": mono(digest(row.digest, 1)),
            }
            for row in rows
        ]
        table(cells, "Signatures of this review", wrap=4)


def consequences(view: ReviewView) -> None:
    """Draw what happens when the last signature is given."""
    with block("What will happen"):
        lines = (f"{place}. {plain(words)}" for place, words in enumerate(view.consequences, 1))
        st.caption("\n".join(lines))


def ground(
    view: ReviewView, panel: Callable[[str], None], costs: Callable[[], CostBeside]
) -> tuple[str, ...]:
    """Draw what a reviewer decides on, worst first; return the regressions that are ticked."""
    changed(view)
    if view.training:
        with block("What would be trained", "it moves nothing in production"):
            facts({plain(title): plain(words) for title, words in view.training})
    if not view.open:
        given(view.given)
        st.caption("What follows is as it stands today; what was signed is kept under its digest.")
    ticked: tuple[str, ...] = ()
    if not view.training:
        ladder(view.ladder, view.model, view.version)
        ticked = regressions(view)
        cost(view, costs())
        evidence(view.evidence, panel)
    if view.open:
        given(view.given)
    for words in view.rounds:
        st.caption(plain(words))
    return ticked


def changed(view: ReviewView) -> None:
    """Say what moved since the page was drawn last."""
    if view.moved:
        banner("stale", "What would be signed has changed: " + plain("; ".join(view.moved)) + ".")


def heading(view: ReviewView) -> list[str]:
    """Return the badges of the title line."""
    badges = [badge(view.status, plain(view.word))]
    if view.left:
        badges.append(chip(view.left, "schedule"))
    return badges


def basis(sha256: str) -> None:
    """Draw the digest of what was signed, in full."""
    with block("Basis digest", "SHA-256 of exactly what was on the screen"):
        st.code(sha256, language=None, wrap_lines=True)


def back_to(view: ReviewView) -> None:
    """Draw the way to the model."""
    with st.container(key="cs-go-model"):
        more = {"version": str(view.version)} if view.version else {}
        links.link("model", f"Open {plain(view.model)}", arrow=True, name=view.model, **more)
