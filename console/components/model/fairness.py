"""The bias audit: attribute on top, groups, ratios with the limit, versions."""

import streamlit as st

from console.components import links
from console.components.charts import chart
from console.components.layout import block, empty, mode, scope, split, verdict
from console.components.model.performance import unmeasured
from console.components.tables import table
from console.components.text import badge
from console.figures.ratios import by_group
from console.figures.versions import over_versions
from console.format import plain
from console.views.fairness import FairnessView, GroupRow


def fairness(view: FairnessView) -> None:
    """Draw the tab for one attribute."""
    if view.missing:
        if view.missing_status == "none":
            verdict(f"{badge('none')} {plain(view.missing)}")
            return
        unmeasured(view.missing, view.snippet)
        return
    _bar(view)
    verdict(f"{badge(view.status, plain(view.word))} {plain(view.sentence)}")
    left, right = split("groups", [6, 5])
    with left, block("Groups", f"favourable outcome: {plain(view.favourable)}"):
        table([_group(g) for g in view.groups], "Rates by group", wrap=1, right=(2, 3, 5, 6, 7))
        if view.few_note:
            st.caption(plain(view.few_note))
    with right, block("Impact ratio", f"against {plain(view.reference)}, 95 % interval"):
        figure = by_group(view.ratios, mode(), limit=view.limit)
        said = f"Impact ratio by {view.attribute}, limit {view.limit or 'none'}"
        chart(figure, said, height=64 + 34 * len(view.ratios), key="ratios")
    _more(view)


def _bar(view: FairnessView) -> None:
    with scope():
        chosen = st.selectbox(
            "Attribute",
            view.attributes,
            index=view.attributes.index(view.attribute),
            key=f"cs-attribute-{view.name}-{view.version}",
            width=200,
        )
        st.caption(plain(view.source), width="stretch")
    if chosen != view.attribute:
        links.ask(attribute=chosen)
        st.rerun()


def _group(row: GroupRow) -> dict[str, str]:
    rate = badge("unknown", plain(row.rate)) if row.few else plain(row.rate)
    return {
        "Group": plain(row.group),
        "n": row.n,
        "Share": row.share,
        "Selection rate": rate,
        "TPR": row.tpr,
        "FPR": row.fpr,
        "Precision": row.precision,
    }


def _more(view: FairnessView) -> None:
    left, right = split("fairness-more", [6, 5])
    with left, block("Over versions", f"worst impact ratio by {plain(view.attribute)}"):
        if view.points:
            words = f"limit {view.limit:.2f}" if view.limit is not None else ""
            figure = over_versions(view.points, mode(), limit=view.limit, limit_words=words)
            chart(figure, "Worst impact ratio by version", height=220, key="fair-versions")
        else:
            with empty("One version only", "Other versions were not audited yet."):
                pass
    if view.gaps:
        with right:
            _gaps(view)


def _gaps(view: FairnessView) -> None:
    with block("Gaps between groups", "the largest minus the smallest; judged by its end"):
        rows = [{"Gap": plain(g), "Value": plain(v), "n": plain(n)} for g, v, n in view.gaps]
        table(rows, "Gaps between groups", wrap=1, right=(3,))
        st.caption(
            "A gap of largest minus smallest is never below zero, so its interval never shows "
            "fairness; its upper end is what a limit is held against."
        )
