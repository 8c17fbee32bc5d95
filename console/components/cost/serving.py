"""Serving: what answering costs, what a cache would save, and how many servers requests need."""

import streamlit as st

from console.components import links
from console.components.cost import hosting
from console.components.cost.tab import Tab
from console.components.layout import block, empty
from console.components.tables import table
from console.components.text import chip, muted
from console.format import plain
from console.views.cost import serving
from console.views.cost.serving import ServingRow, ServingView


def draw(tab: Tab) -> None:
    """Draw the tab."""
    view = serving.load(tab.services, tab.principal, tab.query)
    if not view.rows:
        with empty(
            "Nothing was asked yet",
            "The worker reads once a day what was asked of the versions that serve; a model's"
            " predictions must reach the prediction log first.",
        ):
            links.link("monitoring", "See what is watched", arrow=True)
        return
    _costs(view)
    _needs(view)
    hosting.draw(view.hosting)
    if view.has_hints:
        _hints(view)


def _named(row: ServingRow) -> str:
    name = links.href("model", plain(row.model), name=row.model, tab="Cost")
    return f"{name} {muted(f'version {plain(row.version)}')}"


def _known(row: ServingRow) -> str:
    marks = [chip("estimated", "", "orange")] if row.estimated else []
    marks += [chip("sample prices")] if row.sample else []
    return " ".join(marks)


def _costs(view: ServingView) -> None:
    with block("What answering costs", plain(view.period), key="serving-costs"):
        lines = [
            {
                "Model": _named(row),
                "Requests": plain(row.requests),
                "Per 1,000": plain(row.thousand),
                "A month": plain(row.month),
                "How known": _known(row),
                "Asked before": plain(row.repeated),
                "A cache saves": plain(row.cache),
            }
            for row in view.rows
        ]
        table(lines, "What answering costs", wrap=1, right=(2, 3, 4, 6, 7))
        st.caption(
            "Per 1,000 and a month are of the model, whose versions share its servers. Asked before: on"
            " the same day, to at any time in these days; a cache is taken to answer for nothing."
        )


def _needs(view: ServingView) -> None:
    with block("What requests need", "by the hour, UTC", key="serving-needs"):
        lines = [
            {
                "Model": _named(row),
                "Requests an hour": plain(row.hourly),
                "95 of 100 within": plain(row.p95),
                "Replicas": plain(row.replicas),
                "Head-room": plain(row.headroom),
                "Scale at": plain(row.target),
                "Following saves": plain(row.following),
                "Size": plain(row.size),
            }
            for row in view.rows
        ]
        table(lines, "What requests need", wrap=(1, 7), right=(2, 3, 4, 5, 6, 8))
        st.caption(
            "Requests and replicas: median hour, 99 of 100 hours, busiest hour. Replicas by Little's law"
            " (1961), busy seven tenths of the time at most; each answers as many at once as"
            " `countersign.serving.concurrency` says, else one. Head-room: how many times the requests of 99"
            " of 100 hours one replica answers. Scale at: the requests by one replica that an autoscaler"
            " should aim at. Following: as many replicas as each hour needs, against always as many as the"
            " busiest."
        )


def _hints(view: ServingView) -> None:
    with block("Worth a try", "hints, not measurements", key="serving-hints"):
        lines = [
            {"Model": _named(row), "Try": "  \n".join(plain(each) for each in row.hints)}
            for row in view.rows
            if row.hints
        ]
        table(lines, "Worth a try", wrap=2)
