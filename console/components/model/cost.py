"""The cost of a model: versions beside each other, its course, and every line with its source."""

import streamlit as st

from console.components import links
from console.components.charts import chart
from console.components.cost.bar import bar
from console.components.layout import banner, block, empty, mode, split
from console.components.tables import table
from console.components.text import chip, mono, muted
from console.figures.spend import Stack, stacked
from console.format import NOTHING, plain, plural, short, shortened
from console.views.cost.of_model import MOST, LineRow, ModelCostView
from console.views.cost.standings import VersionRow


def cost(view: ModelCostView) -> None:
    """Draw the tab."""
    if not view.versions and view.months is None:
        with empty("No cost yet", "Lines appear here when a run ends, or when it serves."):
            links.link("cost", "Open Cost", arrow=True)
        return
    bar(view.scope, ("period", "currency"))
    if view.unpriced:
        lines = plural(view.unpriced, "line has", "lines have")
        see = links.href("cost", "See the prices", tab="Prices")
        banner("unknown", f"**Unpriced.** {lines} no price; what stands here is not all. {see}.")
    with block("Versions", "what made them, and what serving them costs; the last 30 days"):
        table(
            [_version(each, view) for each in view.versions], "Cost by version",
            wrap=1, right=(2, 3, 4, 5, 6, 7, 8),
        )  # fmt: skip
        if view.factors:
            st.caption(f"CO₂e by the grid of {plain('; '.join(view.factors))}")
    left, right = split("model-cost", [1, 1])
    with left:
        _course("Day by day", f"{view.amount} in {view.scope.words}", view.days, "days")
    with right:
        _course("Month by month", "twelve months", view.months, "months")
    _lines(view)


def _version(row: VersionRow, view: ModelCostView) -> dict[str, str]:
    name = f"v{row.version}" if row.version else muted("no version")
    marks = [chip("shown")] if row.version == view.version else []
    marks += [chip("estimated")] if row.estimated else []
    marks += [chip(f"{row.unpriced} unpriced")] if row.unpriced else []
    return {
        "Version": " ".join([name, *marks]),
        "Training": plain(row.training),
        "Serving": plain(row.serving),
        "Predictions": plain(row.requests),
        "Per 1,000": plain(row.per_thousand),
        "A month": plain(row.monthly),
        "Energy": plain(row.energy),
        "CO₂e": plain(row.emitted),
    }


def _course(title: str, note: str, found: Stack | None, key: str) -> None:
    with block(title, plain(note), key=f"model-cost-{key}"):
        if found is None:
            empty("Nothing spent", "No line with a price in this stretch.")
            return
        said = f"{title}: {', '.join(part.name for part in found.parts)} in {found.currency}"
        chart(stacked(found, mode()), said, height=190, key=f"model-cost-{key}")


def _lines(view: ModelCostView) -> None:
    note = f"the newest {MOST}" if len(view.lines) == MOST else "newest first"
    with block("Lines", f"{note}; where each number comes from", key="model-cost-lines"):
        if not view.lines:
            empty("No line", f"The ledger has none in {plain(view.scope.words)}.")
            return
        table(
            [_line(each) for each in view.lines],
            "Lines of the ledger",
            wrap=(1, 3, 6, 7),
            right=(4,),
        )


def _line(row: LineRow) -> dict[str, str]:
    marks = f" {chip('sample price')}" if row.sample else ""
    price = f"{links.href('cost', plain(row.price), tab='Prices')}{marks}" if row.price else NOTHING
    return {
        "When": plain(row.when),
        "For": plain(row.kind) + (f" v{row.version}" if row.version else ""),
        "Used": plain(row.used),
        "Cost": plain(row.amount),
        "How": plain(shortened(row.how, 40)),
        "Price": price,
        "From": _source(row),
        "Event": links.href("trail", f"{row.event_seq:,}", event=str(row.event_seq)),
    }


def _source(row: LineRow) -> str:
    if row.ticket_id:
        return links.href("tickets", f"ticket {short(row.ticket_id)}", id=row.ticket_id)
    return f"run {mono(row.run_id[:8])}" if row.run_id else mono(shortened(row.source_id, 24))
