"""The filters of the inventory; each stands in the address."""

from datetime import date

import streamlit as st

from console.components import links
from console.components.layout import scope
from console.components.text import sign
from console.views.models import ModelsView

ALL = "All"


def chosen(view: ModelsView) -> None:
    """Draw the filters; a change writes the address and runs the page again."""
    if view.attention:
        _attention(view)
    asked = links.query()
    with scope():
        find = st.text_input(
            "Find", value=asked.get("find", ""), placeholder="Model, owner, team",
            type="search", icon=":material/search:", width=200, key="cs-find",
        )  # fmt: skip
        picked = {"find": find or None}
        picked["owner"] = _select("Owner", view.owners, asked.get("owner"), 170)
        picked["team"] = _select("Team", view.teams, asked.get("team"), 130)
        picked["tier"] = _select("Tier", view.tiers, asked.get("tier"), 110)
        picked["class"] = _select("Legal class", view.legal_classes, asked.get("class"), 140)
        picked["state"] = _select("Governance", view.states, asked.get("state"), 150)
        day = view.at or view.today  # an empty date has no value that a screen reader could say
        at = st.date_input("As of", value=day, max_value=view.today, width=140, key="cs-at")
        picked["at"] = at.isoformat() if isinstance(at, date) and at != view.today else None
    if any((asked.get(name) or None) != value for name, value in picked.items()):
        links.ask(**picked)
        st.rerun()


def _select(label: str, options: tuple[str, ...], now: str | None, width: int) -> str | None:
    offered = [ALL, *options]
    place = offered.index(now) if now in offered else 0
    value = st.selectbox(label, offered, index=place, width=width, key=f"cs-filter-{label}")
    return None if value == ALL else value


def _attention(view: ModelsView) -> None:
    icons = {
        "unapproved": "fail",
        "failing": "fail",
        "drifting": "fail",
        "stale": "stale",
        "review": "info",
    }
    names = {key: f"{sign(icons[key])} {count} {words}" for key, count, words in view.attention}
    now = links.query().get("attention")
    value = st.pills(
        "Show only", list(names), format_func=names.__getitem__,
        default=now if now in names else None, label_visibility="collapsed", key="cs-attention",
    )  # fmt: skip
    if value != (now if now in names else None):
        links.ask(attention=value)
        st.rerun()
