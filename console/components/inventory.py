"""The inventory as a long table, and the form that begins governance."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from console.actions.models import Govern
from console.components.layout import block, scope
from console.components.rows import To, rows
from console.components.tables import grid
from console.components.text import badge
from console.format import NOTHING, plain, plural, shortened
from console.views.govern import GovernOptions
from console.views.inventory import ModelRow
from console.views.models import ModelsView, UngovernedRow
from console.views.sheet import csv_of, xlsx_of

STATES = [
    "✓ Approved", "◇ Waived", "→ In review", "? Not in use", "✗ Not approved", "✗ Bypassed",
]  # fmt: skip
STATE_INK = ["primary", "violet", "blue", "gray", "red", "red"]
FREE_TITLES = ("State", "Model", "Versions", "Aliases", "")
FREE_WEIGHTS = (1.4, 4.4, 1.2, 2.2, 1.8)
GAPS = {"✗": "red", "?": "gray", "↺": "orange", "–": "gray"}


def inventory(models: Sequence[ModelRow]) -> str | None:
    """Draw the governed models; return the name that was chosen, or None."""
    cells = [_cells(row) for row in models]
    gaps = sorted({gap for row in models for gap in row.gaps})
    chosen = grid(cells, f"Inventory of {len(models)} governed models", _columns(gaps))
    return models[chosen].name if chosen is not None and chosen < len(models) else None


def sheet(view: ModelsView) -> None:
    """Draw the ways to take exactly the rows that are shown along."""
    when = f"-{view.at}" if view.at else ""
    excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    made = (("CSV", csv_of, "text/csv"), ("XLSX", xlsx_of, excel))
    with st.container(horizontal=True):
        for kind, work, mime in made:
            st.download_button(
                f"{plural(len(view.rows), 'row')} as {kind}",
                lambda work=work: work(view.rows),
                file_name=f"countersign-models{when}.{kind.lower()}",
                mime=mime,
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )


def _cells(row: ModelRow) -> dict[str, Any]:
    ratio = NOTHING if row.ratio is None else f"{'✗ ' if row.ratio_fails else ''}{row.ratio:.3f}"
    drift = NOTHING if row.drift is None else f"{'✗ ' if row.drift_fails else ''}{row.drift:.3f}"
    return {
        "Model": row.title,
        "Tier": row.tier,
        "Class": row.legal_class.partition(" (")[0],
        "Governance": [row.state],
        "Approved": row.approved,
        "Evidence": row.evidence,
        "Gaps": list(row.gaps),
        "Drift": drift,
        "Impact ratio": ratio,
        "n": row.ratio_n,
        "Cost": row.cost.words or NOTHING,
        "Days": row.days_left,
        "Next duty": row.next_duty.removeprefix("Measure ").capitalize(),
        "Owner": row.owner,
        "Team": row.team,
    }


def _columns(gaps: Sequence[str]) -> dict[str, Any]:
    config = st.column_config
    return {
        "Model": config.TextColumn(pinned=True, width=176, help="Choose a cell to open the model"),
        "Tier": config.TextColumn(width=62),
        "Class": config.TextColumn("Legal class", width=88),
        "Governance": config.MultiselectColumn(width=122, options=STATES, color=STATE_INK),
        "Approved": config.TextColumn(width=88),
        "Evidence": config.TextColumn(
            width=66, alignment="right", help="Kinds measured of kinds the policy requires"
        ),
        "Gaps": config.MultiselectColumn(
            width=136, options=list(gaps), color=[GAPS.get(g[:1], "gray") for g in gaps]
        ),
        "Drift": config.TextColumn(
            width=62, alignment="right", help="Largest distance of a feature; ✗ beyond its limit"
        ),
        "Impact ratio": config.TextColumn(
            width=84, alignment="right", help="Worst group against the reference; ✗ fails the gate"
        ),
        "n": config.NumberColumn(width=46, format="localized"),
        "Cost": config.TextColumn(
            width=156, help="Of 30 days, and against the 30 before; currencies are not added"
        ),
        "Days": config.NumberColumn(width=46, format="%d", help="Days until the next duty"),
        "Next duty": config.TextColumn(width=104),
        "Owner": config.TextColumn(width=92),
        "Team": config.TextColumn(width=92),
    }


def ungoverned(models: Sequence[UngovernedRow]) -> None:
    """Draw the models nobody governs yet, those in production first."""
    note = "in MLflow, but without an owner, a tier and a policy: nothing can be requested for them"
    with block("Not yet governed", note):
        lines = [
            (
                badge("fail", "In production")
                if row.in_production
                else badge("unknown", "No owner"),
                To("model", plain(shortened(row.name, 60)), (("name", row.name),)),
                plural(row.versions, "version"),
                plain(row.aliases) or NOTHING,
                To("models", "Begin governance", (("govern", row.name),), arrow=True),
            )
            for row in models
        ]
        rows(FREE_TITLES, FREE_WEIGHTS, lines)


def govern_form(view: ModelsView, name: str) -> Govern | None:
    """Draw the form that begins the governance of one model; return it when it was sent."""
    options: GovernOptions = view.options
    people, teams = dict(options.people), dict(options.teams)
    with block(f"Begin governance of {plain(name)}", key="govern"):
        if not options.allowed:
            st.caption(plain(options.why))
            return None
        with st.form(f"cs-govern-{name}", border=True):
            with scope():
                owner = st.selectbox("Owner", list(people), format_func=people.__getitem__)
                business = st.selectbox(
                    "Business owner", list(people), format_func=people.__getitem__
                )
                team = st.selectbox("Team", list(teams), format_func=teams.__getitem__)
            purpose = st.text_input("Purpose", placeholder="What decision does it serve?")
            use = st.text_area(
                "Intended use", placeholder="For whom, when, and when not", height=68
            )
            tier, reason, legal = _risk(options)
            sent = st.form_submit_button("Begin governance", type="primary")
    if not sent:
        return None
    who = (owner or "", business or "", team or "")
    return Govern(name, *who, purpose, use, tier, reason, legal)


def _risk(options: GovernOptions) -> tuple[str, str, str]:
    tiers, classes = dict(options.tiers), dict(options.legal_classes)
    with scope():
        tier = st.selectbox("Tier", list(tiers), index=None, format_func=tiers.__getitem__)
        legal = st.selectbox("Legal class", list(classes), format_func=classes.__getitem__)
    reason = st.text_input("Reason for the tier", placeholder="What harm can a wrong answer do?")
    return tier or "", reason, legal or ""
