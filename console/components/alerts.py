"""Alerts: in a list, and one of them with its history and what a person may do."""

from collections.abc import Sequence

import streamlit as st

from console.actions.alerts import Handled
from console.components import links
from console.components.layout import banner, block, facts
from console.components.rows import To, rows
from console.components.tables import table
from console.components.text import badge, chip
from console.format import NOTHING, plain
from console.views.alert import AlertView
from console.views.alerts import AlertRow

TITLES = ("State", "What crossed its limit", "Model", "Value", "Limit", "Raised", "Severity")
WEIGHTS = (2.2, 3.6, 2.4, 1.3, 1.7, 1.5, 1.4)
ICONS = {"critical": ("priority_high", "red"), "warning": ("warning", "orange")}
HOURS = {1: "an hour", 4: "4 hours", 24: "a day", 72: "3 days", 168: "a week", 720: "30 days"}
LABELS = {
    "acknowledge": "Acknowledge",
    "snooze": "Put aside",
    "resolve": "Close by hand",
    "incident": "Open incident",
}


def severity(row: AlertRow) -> str:
    """Return how much it matters, as a chip."""
    icon, colour = ICONS.get(row.severity, ("", "gray"))
    return chip(row.severity, icon, colour)


def alerts(listed: Sequence[AlertRow]) -> None:
    """Draw alerts, each with its state, what crossed which limit, and since when."""
    lines = [
        (
            badge(row.status, plain(row.word)),
            To("alerts", plain(row.what), (("id", row.alert_id),)),
            plain(row.label),
            plain(row.value),
            plain(row.limit),
            f":gray[{plain(row.raised)}]",
            plain(row.severity),
        )
        for row in listed
    ]
    rows(TITLES, WEIGHTS, lines)


def detail(view: AlertView) -> None:
    """Draw what is known about one alert, and how it stood from its beginning on."""
    if view.asks:
        banner("stale", plain(view.asks))
    with block("What is known", key="known"):
        facts({key: plain(words) for key, words in view.facts.items()})
        with st.container(horizontal=True):
            if view.at:
                links.link("monitoring", "Open the window", arrow=True, **view.at)
                links.link("model", "Open the model", arrow=True, name=view.row.model)
            else:
                links.link("cost", "Open the budgets", arrow=True, tab="Budgets")
    if view.todo or view.runbook:
        with block("What to do", "the runbook of the rule", key="todo"):
            if view.runbook:
                st.markdown(f"[Open the runbook]({view.runbook})")
            lines = [f"{place}. {plain(step)}" for place, step in enumerate(view.todo, 1)]
            st.markdown("\n".join(lines))
    with block("What happened to it", "the oldest first", key="history"):
        table(
            [
                {
                    "State": plain(step.word),
                    "When": plain(step.at),
                    "Who": plain(step.who),
                    "What they said": plain(step.said) or NOTHING,
                }
                for step in view.steps
            ],
            "How the alert stood",
            wrap=4,
        )


def handle(view: AlertView) -> Handled | None:
    """Draw the form with which a person handles it; return what was decided, or None."""
    with block("Handle it", "what you write stays here, not in the trail", key="handle"):
        with st.form(f"cs-alert-{view.row.alert_id}-{view.row.word}", border=False):
            reason = st.text_area("Reason", placeholder="Who looks at it, what it is", height=80)
            hours = (
                st.selectbox(
                    "Put aside for", list(HOURS), index=2, format_func=HOURS.__getitem__, width=160
                )
                if "snooze" in view.actions
                else 24
            )
            with st.container(horizontal=True):
                pressed = [
                    action
                    for action in view.actions
                    if st.form_submit_button(
                        LABELS[action],
                        type="primary" if action == "acknowledge" else "secondary",
                    )
                ]
    return Handled(pressed[0], reason, hours) if pressed else None
