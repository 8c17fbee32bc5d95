"""The filters above costs; each stands in the address."""

from collections.abc import Sequence

import streamlit as st

from console.components import links
from console.components.layout import scope
from console.views.cost.scope import Scope

ALL = "All"
_WIDE = {"period": 170, "team": 150, "model": 200, "kind": 120, "currency": 100}
_ALWAYS = frozenset({"period", "currency"})


def bar(where: Scope, names: Sequence[str] = tuple(_WIDE)) -> None:
    """Draw filters; a change writes the address and runs the page again."""
    every = {
        "period": where.period, "team": where.about.team, "model": where.about.model,
        "kind": where.about.kind, "currency": where.currency,
    }  # fmt: skip
    now = {name: every[name] for name in names}
    with scope():
        chosen = {name: _select(name, where.filters[name], now[name]) for name in now}
        st.caption(_fresh(where), width="stretch")
    if chosen != now:
        first = where.filters["period"][0][0]
        asked = {name: value or None for name, value in chosen.items()}
        asked["period"] = None if asked["period"] == first else asked["period"]
        if chosen["currency"] == now["currency"]:
            del asked["currency"]  # where nobody chose one, another model may have another
        links.ask(**asked)
        st.rerun()


def _select(name: str, choices: tuple[tuple[str, str], ...], now: str) -> str:
    words = dict(choices) if name in _ALWAYS else {"": ALL, **dict(choices)}
    offered = list(words)
    place = offered.index(now) if now in words else 0
    value = st.selectbox(
        name.capitalize(), offered, index=place, format_func=words.__getitem__,
        width=_WIDE[name], key=f"cs-cost-{name}",
    )  # fmt: skip
    return value or ""


def _fresh(where: Scope) -> str:
    last = f"{where.today.day} {where.today:%b %Y}"
    return f"so far, with {last} (UTC)" if where.is_open else "over; corrections may follow"
