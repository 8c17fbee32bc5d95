"""Hosts of its own or paid by request: both ways by model, and every number that this rests on."""

from collections.abc import Sequence

import streamlit as st

from console.components import links
from console.components.layout import block
from console.components.tables import table
from console.components.text import badge, chip, muted
from console.format import NOTHING, plain
from console.views.cost.hosting import HostingRow


def draw(rows: Sequence[HostingRow]) -> None:
    """Draw the block."""
    with block("Own hosts, or paid by request", "a month of thirty days", key="hosting"):
        table(
            [_line(row) for row in rows],
            "Own hosts or paid by request",
            wrap=(1, 6),
            right=(2, 3, 4, 5),
        )
        st.caption(
            "Own hosts: as many as the busiest hour needs, there all the time. By request: the price of"
            " 1,000 requests, and memory, processors and GPUs of a host while it answers. Even: from so"
            " many requests on own hosts cost less. Unknown, and in neither: starts from cold, traffic"
            " between machines, free allowances."
        )
        for row in rows:
            _rests_on(row)


def _line(row: HostingRow) -> dict[str, str]:
    marks = f" {chip('sample prices')}" if row.sample else ""
    missing = "  \n".join(muted(f"nobody knows {plain(each)}") for each in row.missing)
    return {
        "Model": links.href("model", plain(row.model), name=row.model, tab="Cost"),
        "Requests": plain(row.requests),
        "Own hosts": f"{plain(row.own)}  \n{muted(plain(row.hosts))}",
        "By request": plain(row.by_request),
        "Even at": plain(row.even),
        "Costs less": f"{badge(row.status, row.word)}{marks}"
        + (f"  \n{missing}" if missing else ""),
    }


def _rests_on(row: HostingRow) -> None:
    with st.expander(f"What it rests on: {plain(row.model)}", icon=":material/functions:"):
        lines = [
            {"Number": plain(name), "Value": plain(value), "From": plain(where) or NOTHING}
            for name, value, where in row.rests_on
        ]
        table(lines, f"What it rests on for {row.model}", wrap=3, right=(2,))
