"""Metrics: the catalogue."""

import streamlit as st

from console.components import links
from console.components.layout import block, empty, header
from console.components.tables import table
from console.components.text import code
from console.format import plain, plural
from console.views import metrics


def render() -> None:
    asked = links.query().get("find", "")
    view = metrics.load(asked)
    counted = plural(view.total, "metric")
    header("Metrics", f"{counted}, each with one name, one unit, one direction and one source.")
    find = st.text_input("Find", value=asked, type="search", icon=":material/search:", width=260)
    if find != asked:
        links.ask(find=find)
        st.rerun()
    for family, rows in view.families:
        with block(plain(family.capitalize().replace("_", " ")), plural(len(rows), "metric")):
            cells = [
                {
                    "Metric": f"{plain(row.words)} {code(row.name)}",
                    "Unit": plain(row.unit),
                    "Direction": row.better,
                    "Definition": plain(row.definition),
                    "Source": plain(row.source),
                }
                for row in rows
            ]
            table(cells, f"Metrics of the family {family}", wrap=(4, 5))
    if not view.shown:
        with empty("No metric fits", "Search for a part of its name or its definition."):
            links.link("metrics", "Show all", arrow=True)
