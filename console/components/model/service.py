"""The service of a version over windows: latency, requests, errors, its server."""

import streamlit as st

from console.components import links
from console.components.charts import chart
from console.components.layout import banner, block, empty, mode, scope, split
from console.figures.course import Course
from console.figures.windows import over_windows
from console.format import plain
from console.views.service import ServiceView


def service(view: ServiceView) -> None:
    """Draw the tab."""
    if view.missing:
        with empty("Not measured", plain(view.missing)):
            links.link("monitoring", "Open Monitoring", arrow=True)
        return
    if view.note:
        banner("info", plain(view.note))
    _bar(view)
    left, right = split("service", [1, 1])
    with left:
        _block(
            "Latency",
            "milliseconds, within which half, 95 and 99 of 100 are answered",
            view.latency,
            "latency",
        )
        _block("Server", "as it reported", view.server, "server")
    with right:
        _block("Errors", "share of requests that failed", view.errors, "errors")
        _block("Requests", "by window", view.requests, "requests")


def _bar(view: ServiceView) -> None:
    words = dict(view.lengths)
    with scope():
        chosen = st.selectbox(
            "Windows", list(words), index=list(words).index(view.length),
            format_func=words.__getitem__, width=120, key=f"cs-service-windows-{view.name}",
        )  # fmt: skip
        st.caption(plain(view.sentence), width="stretch")
    if chosen != view.length:
        links.ask(windows=chosen)
        st.rerun()


def _block(title: str, note: str, found: Course | None, key: str) -> None:
    with block(title, note, key=f"service-{key}"):
        if found is None:
            why = "Nothing of this kind was logged." if key != "server" else "No server reported."
            with empty("Not measured", why):
                return
        said = f"{title} over {len(found.lines[0].points)} windows: {', '.join(line.name for line in found.lines)}"
        chart(over_windows(found, mode()), said, height=200, key=f"service-{key}")
