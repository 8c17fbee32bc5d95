"""Savings: what could cost less, and what was saved."""

import streamlit as st

from console.actions import cost_savings
from console.actions.cost_savings import Decided
from console.components import links
from console.components.cost.tab import Tab
from console.components.cost.tiles import tiles
from console.components.layout import block, empty, facts, split
from console.components.rows import To, rows
from console.components.tables import table
from console.components.text import badge, chip, mono, muted
from console.format import NOTHING, paragraph, plain, plural
from console.views.cost import savings
from console.views.cost.saving_rows import SavingRow
from console.views.cost.savings import Detail, SavingsView

COLOURS = {"high": "green", "medium": "orange", "low": "gray"}
TITLES, WEIGHTS = ("Recommendation", "Of", "Saves", "Confidence", "Since"), (4, 8, 4, 4, 2)
OVER_TITLES = ("Recommendation", "Of", "What came of it", "Who", "When")
OVER_WEIGHTS = (4, 4, 9, 3, 2)
STATES = {"open": ("info", "Open"), "done": ("pass", "Done"), "dismissed": ("none", "Dismissed")}


def draw(tab: Tab) -> None:
    """Draw the tab."""
    view = savings.load(tab.services, tab.principal, tab.query)
    if view.chosen is not None:
        form = _one(view.chosen)
        if form is not None:
            saving_id = view.chosen.row.saving_id
            work = lambda: cost_savings.decide(tab.services, tab.principal, saving_id, form)  # noqa: E731
            tab.attempt(work, f"saving-{saving_id}")
        return
    if view.is_empty:
        with empty(
            "Nothing to save yet",
            "Recommendations appear here once runs logged how busy their GPUs were, or a model's"
            " questions were seen to repeat.",
        ):
            links.link("cost", "See the runs", arrow=True, tab="Runs")
        return
    _sums(view)
    _open(view)
    _over("Done", "what it cost as many days before and after", view.done)
    _over("Dismissed", "with the reason that was given", view.dismissed)


def _sums(view: SavingsView) -> None:
    tiles(
        "saving",
        (
            (view.most or NOTHING, "a month could be saved", "the largest of each model: they overlap"),
            (view.saved or NOTHING, "was saved", "the same costs, as many days before and after"),
            (str(len(view.open)), "open", f"{len(view.done)} done, {len(view.dismissed)} dismissed"),
        ),
    )  # fmt: skip


def _open(view: SavingsView) -> None:
    with block("Open", "the most money first"):
        if view.open:
            rows(TITLES, WEIGHTS, [_line(each) for each in view.open])
        else:
            with empty("Nothing is open", "The worker looks again every ten minutes."):
                pass


def _line(each: SavingRow) -> list[str | To]:
    sample = f" {chip('sample prices')}" if each.sample else ""
    return [
        _to(each),
        f"{plain(each.whose)}  \n{muted(plain(each.words))}",
        f"{plain(each.worth)}  \n{muted(plain(each.between))}",
        chip(each.confidence, "", COLOURS[each.confidence]) + sample,
        muted(plain(each.when)),
    ]


def _to(each: SavingRow) -> To:
    return To("cost", plain(each.title), (("tab", "Savings"), ("id", each.saving_id)))


def _over(title: str, note: str, found: tuple[SavingRow, ...]) -> None:
    if not found:
        return
    with block(title, note, key=f"savings-{title.lower()}"):
        lines: list[list[str | To]] = [
            [
                _to(each),
                plain(each.whose),
                plain(each.outcome),
                plain(each.who),
                muted(plain(each.when)),
            ]
            for each in found
        ]
        rows(OVER_TITLES, OVER_WEIGHTS, lines)


def _one(view: Detail) -> Decided | None:
    row = view.row
    links.link("cost", "All recommendations", icon="arrow_back", tab="Savings")
    left, right = split("saving", [16, 9])
    with left:
        status, word = STATES[view.state]
        with block(row.title, plain(row.whose), key="saving"):
            st.markdown(f"{badge(status, word)} {plain(row.words)}")
            facts(
                {
                    "Saves": plain(row.worth),
                    "Between": plain(row.between) or NOTHING,
                    "Confidence": f"{chip(row.confidence, '', COLOURS[row.confidence])} {plain(row.because)}",
                    "What came of it": plain(row.outcome) or NOTHING,
                }
            )
        _evidence(view)
    with right:
        form = _form(view)
        with block("What happened to it", "the oldest first", key="saving-steps"):
            for state, when, who, said in view.steps:
                st.markdown(f"**{plain(state)}** {muted(f'{plain(when)} by {plain(who)}')}")
                if said:
                    st.caption(paragraph(said))
    return form


def _evidence(view: Detail) -> None:
    with block("What it rests on", "numbers, and where each was read", key="saving-evidence"):
        lines = [
            {"Number": plain(name), "Value": plain(value), "From": plain(where) or NOTHING}
            for name, value, where in view.evidence
        ]
        table(lines, "What it rests on", wrap=1, right=(2,))
        if view.runs:
            with st.expander(plural(len(view.runs), "run"), icon=":material/list:"):
                st.markdown("  \n".join(mono(each) for each in view.runs))


def _form(view: Detail) -> Decided | None:
    with block("Decide", "what you write stays here, not in the trail", key="saving-decide"):
        if not view.decides:
            st.caption("An owner of the model or an operator decides about it.")
            return None
        if view.state == "done":
            st.caption("It was carried out; nothing is left to decide.")
            return None
        with st.form(f"cs-saving-{view.row.saving_id}-{view.state}", border=False):
            reason = st.text_area("Reason", height=80, placeholder="What was done, or why not")
            with st.container(horizontal=True):
                if view.state == "open":
                    done = st.form_submit_button("Mark as done", type="primary")
                    other, action = st.form_submit_button("Dismiss"), "dismiss"
                else:
                    done = False
                    other, action = st.form_submit_button("Take up again"), "reopen"
    if done:
        return Decided("done", reason)
    return Decided(action, reason) if other else None
