"""Budgets: what may be spent, how much of it is left, and the form that sets one."""

import streamlit as st

from console.actions.cost_budgets import BudgetTyped, end_budget, set_budget
from console.components import links
from console.components.charts import chart
from console.components.cost.tab import Tab
from console.components.layout import banner, block, empty, facts, mode, scope, split
from console.components.rows import To, rows
from console.components.tables import table
from console.components.text import badge
from console.figures.burn import burn_down
from console.format import plain
from console.views.cost import budgets
from console.views.cost.budgets import (
    POLICY,
    SCOPES,
    SPANS,
    BudgetChoices,
    BudgetRow,
)

TITLES = ("State", "Whose", "Period", "Budget", "Spent", "Of it", "Likely at the end")
TYPED = {
    "model": "none is governed yet",
    "team": "there is none yet",
    "experiment": "its name in MLflow",
    "ticket": "its id; none is open",
}
FORM_WIDTH = 560
WEIGHTS = (2.7, 2.6, 1.8, 1.6, 1.6, 0.9, 3.1)


def draw(tab: Tab) -> None:
    """Draw the tab."""
    view = budgets.load(tab.services, tab.principal, tab.query)
    if view.rows:
        rows(TITLES, WEIGHTS, [_line(each) for each in view.rows])
    else:
        empty(
            "No budget yet",
            "A budget holds spending against a limit, and tells people before it is reached.",
        )
    if view.choices is None:
        st.caption(f"Operators set budgets. {POLICY}")
    if view.chosen is None:
        if view.choices is not None:
            _form(tab, view.choices)
        return
    left, right = split("budget", [15, 9])
    with left:
        _one(tab, view.chosen)
    with right:
        if view.choices is not None:
            _form(tab, view.choices)


def _line(row: BudgetRow) -> tuple[str | To, ...]:
    query = (("tab", "Budgets"), ("budget", row.budget.budget_id))
    return (
        badge(row.status, row.word), To("cost", plain(row.whose), query), plain(row.period),
        plain(row.amount), plain(row.spent), plain(row.share), plain(row.ahead),
    )  # fmt: skip


def _one(tab: Tab, row: BudgetRow) -> None:
    with block(plain(row.whose), plain(row.period), key="budget"):
        if row.unknown:
            banner("unknown", f"**Not all is known.** {plain(row.unknown)}")
        st.markdown(plain(row.left))
        said = f"{row.left}; likely at the end: {row.ahead}"
        chart(burn_down(row.burn, mode()), said, height=260, key="burn")
        facts({key: plain(words) for key, words in row.facts.items()})
        key = f"cs-budget-end-{row.budget.budget_id}"
        if row.may_set and st.button("End this budget", icon=":material/block:", key=key):
            tab.attempt(
                lambda: end_budget(tab.services, tab.principal, row.budget.budget_id), key
            )  # fmt: skip
    if len(row.past) > 1:
        with block("How it was set", "the newest first", key="budget-past"):
            table(
                [{"When": plain(a), "Who": plain(b), "What": plain(c)} for a, b, c in row.past],
                "How the budget was set",
                wrap=3,
            )


def _form(tab: Tab, choices: BudgetChoices) -> None:
    with block("Set a budget", "the same one and period again is set anew", key="budget-set"):
        with scope():
            kinds = list(SCOPES)
            kind = st.selectbox(
                "Whose", kinds, index=kinds.index(choices.scope), format_func=SCOPES.__getitem__,
                width=160, key="cs-budget-scope",
            )  # fmt: skip
        if kind != choices.scope:
            links.ask(scope=kind)
            st.rerun()
        key = f"cs-budget-{choices.scope}"
        with st.form(key, border=False, width=FORM_WIDTH):
            typed = _typed(choices)
            sent = st.form_submit_button("Set budget", type="primary")
        st.caption(POLICY)
    if sent:
        tab.attempt(lambda: set_budget(tab.services, tab.principal, typed), key)


def _typed(choices: BudgetChoices) -> BudgetTyped:
    names = choices.names
    name = (
        st.selectbox(SCOPES[choices.scope], list(names), format_func=names.__getitem__) or ""
        if names
        else st.text_input(SCOPES[choices.scope], placeholder=TYPED.get(choices.scope, ""))
    )
    with st.container(horizontal=True):
        amount = st.text_input("Amount", placeholder="200.00", width=120)
        currency = st.text_input("Currency", choices.currency, max_chars=3, width=90)
        span = st.selectbox("For each", list(SPANS), format_func=SPANS.__getitem__, width=120)
    percents = st.text_input("Tell people at, in per cent", choices.percents)
    forecast = st.checkbox("Tell them when it is likely to be over", value=True)
    stops = st.checkbox("Stop our own trainings and searches when it is used up", value=True)
    owners = list(choices.owners)
    owner = st.selectbox(
        "Who answers for it", owners, format_func=choices.owners.__getitem__,
        index=owners.index(choices.owner) if choices.owner in owners else None,
    )  # fmt: skip
    channels = st.multiselect("Channels", choices.channels, placeholder="Alerts on the page alone")
    return BudgetTyped(
        choices.scope, name, span or "", amount, currency, percents, forecast, stops, owner or "",
        tuple(channels),
    )  # fmt: skip
