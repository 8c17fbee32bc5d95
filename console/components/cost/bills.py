"""Bills: what providers billed, held against the ledger."""

import streamlit as st

from console.actions import cost_bills
from console.components import links
from console.components.cost.tab import Tab
from console.components.layout import banner, block, empty, split
from console.components.tables import table
from console.components.text import badge, mono
from console.format import NOTHING, plain
from console.views.cost import bills
from console.views.cost.bills import CALLED, BillRow, BillsView, ComparedRow

RULE = (
    "The bill decides the sum, our own lines decide who bears it: what both tell of is taken from "
    "the bill's lines, and where the bill has less, our lines are lowered. Nothing is counted twice."
)


def draw(tab: Tab) -> None:
    """Draw the tab."""
    view = bills.load(tab.services, tab.principal)
    if not view.sees:
        empty("Bills tell of every model", "They are shown to those who may see all models.")
        return
    if view.twice:
        said = "; ".join(plain(each) for each in view.twice[:6])
        banner(
            "unknown",
            f"**May be counted twice.** A bill covers these months, and nobody said whether it pays "
            f"for our own lines of: {said}. Say so under *What a bill pays for*.",
        )
    left, right = split("bills", [16, 8])
    with left:
        _comparisons(view)
        _imports(view)
    with right:
        if view.may:
            _take(tab, view)
            _cover(tab, view)
        else:
            st.caption("Operators import bills, and say what they pay for.")


def _comparisons(view: BillsView) -> None:
    with block(
        "Billed against the ledger", f"by month, the newest first{view.asof}", key="compared"
    ):
        if not view.compared:
            st.caption("Nothing to compare yet: a bill is compared as soon as it is imported.")
            return
        table(
            [_compared(each) for each in view.compared],
            "Bills against the ledger", wrap=2, right=(4, 5, 6, 7, 8),
        )  # fmt: skip
        st.caption(RULE)


def _compared(row: ComparedRow) -> dict[str, str]:
    return {
        "State": badge(row.status, row.word),
        "Billed to": plain(row.payer),
        "Month": plain(row.month),
        "Billed": plain(row.billed),
        "Explained": plain(row.explained),
        "Unallocated": plain(row.unallocated),
        "Our own lines": plain(row.own),
        "Difference": plain(row.difference),
    }


def _imports(view: BillsView) -> None:
    with block("Imports", "each file with its digest; the same file is read once", key="imports"):
        if not view.bills:
            with empty("No bill imported yet", "Import one here, or with:"):
                st.code("countersign cost import focus FILE", language=None)
            return
        table(
            [_import(each) for each in view.bills], "Imported files",
            wrap=3, right=(5, 6, 7, 8, 9),
        )  # fmt: skip
    refused = [(each, row, why) for each in view.bills for row, why in each.refusals]
    if refused:
        with block("Refused rows", "the first of each file, as they stand in it", key="refused"):
            table(
                [
                    {"File": plain(each.name), "Row": plain(row), "Why": plain(why)}
                    for each, row, why in refused[:50]
                ],
                "Refused rows",
                wrap=3,
            )


def _import(row: BillRow) -> dict[str, str]:
    by = f", by {row.corrected}" if row.corrected else ""
    restated = f", {row.restated:,} restated{by}" if row.restated else ""
    return {
        "When": links.href("trail", plain(row.when), event=str(row.seq)),
        "By": plain(row.who),
        "File": f"{plain(row.name)} {mono(row.digest)}",
        "Form": plain(row.form),
        "New": row.new,
        "Known": plain(f"{row.known}{restated}"),
        "Refused": badge("fail", f"{row.refused:,}") if row.refused else NOTHING,
        "Of no model": row.unallocated,
        "Billed": plain(row.billed),
    }


def _take(tab: Tab, view: BillsView) -> None:
    key = "cs-bill"
    with block("Import a bill", f"up to {cost_bills.LARGEST} MiB here", key="bill-take"):
        with st.form(key, border=False):
            form = st.selectbox("Form", view.forms, format_func=CALLED.__getitem__)
            file = st.file_uploader(
                "File", type=["csv", "gz", "parquet", "json"], max_upload_size=cost_bills.LARGEST
            )
            currency = st.text_input("Currency, for OpenCost alone", "USD", max_chars=3)
            sent = st.form_submit_button("Import", type="primary")
    if sent:
        held = (file.name, file.getvalue()) if file else None
        tab.attempt(
            lambda: cost_bills.take(tab.services, tab.principal, form or "", held, currency), key
        )


def _cover(tab: Tab, view: BillsView) -> None:
    if not view.payers:
        return
    with block("What a bill pays for", "which of our environments are in it", key="bill-cover"):
        payer = st.selectbox("Billed to", view.payers, key="cs-cover-payer")
        key = f"cs-cover-{payer}"
        known = view.covers or {}
        with st.form(key, border=False):
            choices = [each for each in view.ours if each != payer]
            now = [each for each in known.get(payer, ()) if each in choices]
            covers = st.multiselect("Pays for", choices, now, placeholder="nothing of ours")
            sent = st.form_submit_button("Say so")
    if sent:
        tab.attempt(lambda: cost_bills.cover(tab.services, tab.principal, payer, covers), key)
