"""Alerts: what crossed a limit in production; with an id, one of them."""

import streamlit as st

from console.actions import alerts as actions
from console.components import alerts as parts
from console.components import links
from console.components.layout import block, empty, facts, header, scope
from console.components.text import badge
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import alert, alerts
from console.views.alert import AlertView
from console.views.alerts import AlertsView


def render() -> None:
    asked = links.query()
    if asked.get("id"):
        one(alert.load(services(), principal(), asked["id"]))
    else:
        every(alerts.load(services(), principal(), asked))


def every(view: AlertsView) -> None:
    header("Alerts", plain(view.sentence))
    with scope():
        state = st.selectbox(
            "State", list(view.states), format_func=view.states.__getitem__, width=200,
            index=list(view.states).index(view.state),
        )  # fmt: skip
    if state != view.state:
        links.ask(state=state)
        st.rerun()
    with block(
        "Limits that were crossed", "the most severe first, then what waits longest", key="alerts"
    ):
        if view.rows:
            parts.alerts(view.rows)
        else:
            why = "A watched model that crosses a limit of its policy opens one."
            with empty("No alert is in this state", why):
                links.link("models", "Open the models", arrow=True)

    with block("How fast faults were found and mended", "of the last 90 days", key="pace"):
        facts({key: plain(words) for key, words in view.pace.items()})


def one(view: AlertView) -> None:
    marks = [badge(view.row.status, plain(view.row.word)), parts.severity(view.row)]
    header(view.row.what, plain(view.sentence), badges=marks)
    links.link("alerts", "All alerts", icon="arrow_back", state="open")
    parts.detail(view)
    asked = parts.handle(view) if view.actions else None
    made: list[str] = []
    if asked is not None:
        work = lambda: actions.handle(services(), principal(), view.row.alert_id, asked, made)  # noqa: E731
        attempt(work, "alert", lambda: links.go("incidents", id=made[0]) if made else st.rerun())
