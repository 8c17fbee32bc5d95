"""Storage: what is kept, what keeping it costs, and what nothing needs."""

import streamlit as st

from console.actions import cost_storage
from console.components.cost.tab import Tab
from console.components.cost.tiles import tiles
from console.components.layout import block, empty, split
from console.components.tables import table
from console.components.text import badge, mono, muted
from console.format import NOTHING, plain, plural, solid
from console.views.cost import storage
from console.views.cost.storage import KeptRow, OrderRow, StorageView

WAITING = {0: "At once", 7: "After 7 days", 30: "After 30 days"}


def draw(tab: Tab) -> None:
    """Draw the tab."""
    view = storage.load(tab.services, tab.principal)
    if not view.runs and not view.orders:
        empty("Nothing weighed yet", "The worker weighs the files of each run once it has ended.")
        return
    tiles(
        "storage",
        (
            (view.kept, plural(view.runs, "run"), f"kept, for {view.kept_month} a month"),
            (view.spare, "needed by nothing", f"{view.spare_month} a month"),
        ),
    )
    st.caption(f"Worked out: {plain(view.price)}.")
    if view.unknown:
        told = plural(view.unknown, "run keeps", "runs keep")
        st.caption(f"{told} files that MLflow does not serve: how much they are is unknown.")
    if not view.spares:
        _lists(tab, view)
        return
    left, right = split("storage", [16, 8])
    with left:
        _lists(tab, view)
    with right:
        if view.may:
            _order(tab, view)
        else:
            st.caption("Operators order that files are taken away.")


def _lists(tab: Tab, view: StorageView) -> None:
    _spare(view)
    _orders(tab, view)
    _needed(view)


def _spare(view: StorageView) -> None:
    with block("Needed by nothing", "the largest first", key="storage-spare"):
        if not view.spares:
            st.caption(
                "Everything that is kept is needed: by an alias, a review, a promotion, a card, an"
                " incident, a tag countersign.hold, or because it is young."
            )
            return
        table([_line(each) for each in view.spares], "Needed by nothing", wrap=2, right=(3, 4))
        if view.more_spare:
            st.caption(f"and {plural(view.more_spare, 'smaller run')}")


def _needed(view: StorageView) -> None:
    if not view.needed:
        return
    with block("Needed", "what keeps it, the largest first", key="storage-needed"):
        lines = [
            {**_line(each), "Needed by": plain(solid("; ".join(each.reasons)))}
            for each in view.needed
        ]
        table(lines, "Needed", wrap=5, right=(3, 4))
        if view.more_needed:
            st.caption(f"and {plural(view.more_needed, 'smaller run')}")


def _line(row: KeptRow) -> dict[str, str]:
    return {
        "Run": f"{plain(row.name)} {mono(row.run_id[:8])}",
        "Versions": plain(row.versions or row.whose) or NOTHING,
        "Size": row.size or NOTHING,
        "A month": plain(row.month) or NOTHING,
    }


def _order(tab: Tab, view: StorageView) -> None:
    key = "cs-storage-order"
    names = {each.run_id: f"{each.name} · {each.size}" for each in view.spares}
    with block("Take files away", "the run's files and its versions", key="storage-order"):
        with st.form(key, border=False):
            chosen = st.multiselect("Runs", list(names), format_func=names.__getitem__)
            days = st.selectbox("When", view.waits, index=1, format_func=WAITING.__getitem__)
            reason = st.text_area("Reason", height=80, placeholder="Why nobody needs them")
            sent = st.form_submit_button("Order", type="primary")
        st.caption(
            "Before it is done everything is asked again; what needs a run by then keeps it. Metrics"
            " and parameters stay in MLflow's bin."
        )
    if sent:
        tab.attempt(
            lambda: cost_storage.order(tab.services, tab.principal, chosen, reason, days), key
        )


def _orders(tab: Tab, view: StorageView) -> None:
    if not view.orders:
        return
    with block("Orders", "the newest first", key="storage-orders"):
        table([_ordered(each) for each in view.orders], "Orders", wrap=4, right=(3,))
        waiting = {each.disposal_id: each.name for each in view.orders if each.waits}
        if waiting and view.may:
            key = "cs-storage-withdraw"
            with (
                st.form(key, border=False),
                st.container(horizontal=True, vertical_alignment="bottom"),
            ):
                chosen = st.selectbox("Order", list(waiting), format_func=waiting.__getitem__)
                sent = st.form_submit_button("Take back")
            if sent and chosen:
                tab.attempt(lambda: cost_storage.withdraw(tab.services, tab.principal, chosen), key)


def _ordered(row: OrderRow) -> dict[str, str]:
    return {
        "State": badge(row.status, row.word),
        "Run": plain(row.name),
        "Size": row.size,
        "Why, and what came of it": plain(row.outcome or row.reason),
        "Who": plain(row.who),
        "Due": muted(plain(row.due)) if row.due else NOTHING,
    }
