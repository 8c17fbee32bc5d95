"""The left column of a ticket: why, what changes, the data, the price, the attempts."""

from collections.abc import Sequence

import streamlit as st

from console.components import links
from console.components.layout import banner, block, empty, facts
from console.components.tables import table
from console.components.text import badge, mono
from console.components.ticket.compared import compared
from console.format import paragraph, plain, plural, short
from console.views.attempts import AttemptRow
from console.views.quoted import Tile
from console.views.ticket import TicketView
from services.decisions.recipe.types import RecipeDraft

COSTLY = "Each costs, and each looks at the holdout: stop what is not needed."


def ground(view: TicketView) -> None:
    """Draw what a decision about the ticket rests on."""
    _beside(view.beside)
    with block("Why", view.trigger):
        st.markdown(plain(view.cause))
        if view.rationale and view.rationale != view.cause:
            st.caption(paragraph(view.rationale))
        for each in view.evidence:
            if view.by_alert:
                links.link("alerts", "The alert", icon="notifications", id=each)
            else:
                st.caption(f"shown by {mono(short(each))}")
    if view.draft is not None:
        _draft(view.model, view.draft)
        return
    _changes(view)
    _data(view)
    price(view.quote, over=view.over)


def _beside(others: Sequence[str]) -> None:
    """Warn of other tickets of the model that are open."""
    if not others:
        return
    said = plural(len(others), "more ticket of this model is", "more tickets of this model are")
    banner("stale", f"{said} open. {COSTLY}")
    for each in others:
        links.link("tickets", f"Ticket {each[-6:]}", icon="alt_route", id=each)


def _draft(model: str, draft: RecipeDraft) -> None:
    said = f"drafted from its run {short(draft.run_id)}; {plural(len(draft.gaps), 'gap')}"
    with block("The recipe that is missing", said):
        st.caption(
            "The run does not say everything; complete the draft, publish it, open a new ticket."
        )
        for gap in draft.gaps:
            st.markdown(f"- {plain(gap)}")
        with st.expander("The draft", icon=":material/receipt_long:", expanded=True):
            st.code(draft.text, language="yaml")
        links.link("model", "Complete and publish it", arrow=True, name=model, tab="Retraining")


def _changes(view: TicketView) -> None:
    with block("What changes", "against the version to be replaced"):
        if view.changes:
            for each in view.changes:
                st.markdown(f"- {plain(each)}")
        else:
            st.caption("The recipe is the same; the data is newer.")
        with st.expander("The ticket in full", icon=":material/list:"):
            facts({name: plain(value) for name, value in view.facts})


def _data(view: TicketView) -> None:
    with block("Data", "checked before it costs anything"):
        if not view.data:
            with empty("Not read yet", "The worker reads, hashes and checks the rows first."):
                return
        for each in view.refused:
            banner("fail", plain(each))
        facts({name: plain(value) for name, value in view.data})
        if view.told:
            title = f"{plural(len(view.told), 'remark')} on the rows"
            with st.expander(title, icon=":material/rule:"):
                for each in view.told:
                    st.markdown(f"- {plain(each)}")


def price(tiles: Sequence[Tile], *, over: bool) -> None:
    """Draw what it may cost."""
    with block(
        "Price", "as it was quoted, and what was spent" if over else "before it costs anything"
    ):
        if not tiles:
            why = "The price is reckoned when the data was checked."
            if over:
                why = "It ended before it was priced; it has cost nothing."
            with empty("Not quoted", why):
                return
        figures(tiles)


def figures(tiles: Sequence[Tile]) -> None:
    """Draw figures beside each other."""
    with st.grid(len(tiles), min_column_width=100, gap="small"):
        for tile in tiles:
            with st.container(gap=None):
                st.caption(plain(tile.words))
                st.markdown(f"**{plain(tile.value)}**")
                st.caption(plain(tile.note))


def attempts(rows: Sequence[AttemptRow]) -> None:
    """Draw the attempts; nothing before the first."""
    if not rows:
        return
    with block("Attempts", "each is a try on an engine; the next resumes from the checkpoint"):
        lines = [
            {
                "No": str(row.number),
                "State": badge(row.status, row.word),
                "Engine": plain(row.engine),
                "Began": row.began,
                "Took": row.took,
                "Used": row.used,
                "Resumed from": plain(row.resumed),
                "What happened": plain(row.reason),
            }
            for row in rows
        ]
        table(lines, "Attempts", wrap=8, right=(1,))


def outcome(view: TicketView) -> None:
    """Draw what came of it, and what follows."""
    if view.result_version is None and not view.report_evidence_id:
        return
    with block("What came of it"):
        with st.container(horizontal=True):
            if view.result_version is not None:
                number = str(view.result_version)
                links.link("model", f"Version {number}", name=view.model, version=number)
            if view.report_evidence_id:
                where = {"name": view.model, "tab": "Evidence", "id": view.report_evidence_id}
                if view.result_version:
                    where["version"] = str(view.result_version)
                links.link("model", "Training report", icon="summarize", arrow=False, **where)
            if view.promotion_review:
                links.link("review", "Its review", arrow=True, id=view.promotion_review)
        if view.result_version is not None and not view.promotion_review:
            st.caption("Its review opens by itself within a minute.")
        if view.compared is not None:
            compared(view.compared)
