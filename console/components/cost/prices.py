"""Prices: what things cost, since when, and who says so."""

import streamlit as st

from console.actions import cost_prices
from console.actions.cost_prices import PriceTyped, RateTyped
from console.components import links
from console.components.cost import factors
from console.components.cost.tab import Tab
from console.components.layout import banner, block, empty, scope, split
from console.components.tables import table
from console.components.text import badge, chip, mono
from console.format import plain, plural
from console.views.cost import prices
from console.views.cost.prices import TERMS, PriceRow, PricesView
from console.views.cost.quantity import spelled

NEVER = "A price changes no line that was written: each keeps the price it was worked out by."


def draw(tab: Tab) -> None:
    """Draw the tab."""
    view = prices.load(tab.services, tab.principal, tab.query)
    if view.samples:
        told = plural(view.samples, "price is", "prices are")
        banner(
            "info",
            f"**Sample prices.** {told} only there to try the console out; a price of your own for "
            f"the same thing takes its place from its date on. {plain(view.samples_from)}.",
        )
    left, right = split("prices", [16, 8])
    with left:
        _list(view)
        _rates(view)
        factors.draw(view.factors)
    with right:
        if view.may_publish:
            _publish(tab, view)
            _import(tab, view)
            _end(tab, view)
            _rate(tab, view)
            _again(tab)
        else:
            st.caption(f"Operators publish prices. {NEVER}")


def _list(view: PricesView) -> None:
    with block("Price catalogue", "days are UTC; the last one is no longer in it", key="prices"):
        if view.ended:
            with scope():
                words = f"Also {plural(view.ended, 'price that ended', 'prices that ended')}"
                every = st.checkbox(words, view.every, key="cs-prices-every")
            if every != view.every:
                links.ask(prices="all" if every else None)
                st.rerun()
        if not view.rows:
            empty(
                "No price holds", "What has no price is counted as unpriced and never as nothing."
            )
            return
        table([_line(each) for each in view.rows], "What things cost", wrap=(3, 4, 7), right=(4,))


def _line(row: PriceRow) -> dict[str, str]:
    return {
        "State": badge(row.status, row.word),
        "What": mono(row.sku),
        "Market": plain(row.market),
        "Price": plain(row.amount),
        "From": plain(row.since),
        "Until": plain(row.until) or "open",
        "Source": chip("sample prices")
        if row.sample
        else f"{plain(row.source)} ({plain(row.who)})",
    }


def _rates(view: PricesView) -> None:
    with block("Rates between currencies", "from a day on, until the next", key="rates"):
        if not view.rates:
            st.caption(
                "No rate is published: currencies stand beside each other and are not added."
            )
            return
        table(
            [
                {"Rate": plain(each.words), "From": plain(each.since), "Source": plain(each.source)}
                for each in view.rates
            ],
            "Rates between currencies",
            wrap=3,
        )


def _publish(tab: Tab, view: PricesView) -> None:
    key = "cs-price"
    with block("Publish a price", NEVER, key="price-publish"), st.form(key, border=False):
        typed = _typed(view)
        sent = st.form_submit_button("Publish price", type="primary")
    if sent:
        tab.attempt(lambda: cost_prices.publish(tab.services, tab.principal, typed), key)


def _typed(view: PricesView) -> PriceTyped:
    sku = st.text_input("What is sold", placeholder="gpu:h100, cpu, p4d.24xlarge")
    with st.container(horizontal=True):
        amount = st.text_input("Price of one", placeholder="2.49", width=110)
        currency = st.text_input("Currency", "USD", max_chars=3, width=90)
        unit = st.selectbox("Unit", view.units, format_func=spelled, width=150)
    with st.container(horizontal=True):
        provider = st.text_input("Provider (optional)", placeholder="any", width=140)
        region = st.text_input("Region (optional)", placeholder="any", width=140)
        term = st.selectbox("Terms", list(TERMS), format_func=TERMS.__getitem__, width=130)
    with st.container(horizontal=True):
        since = st.text_input("From", view.today, width=140, key="cs-price-since")
        until = st.text_input("Until (optional)", placeholder="no end known", width=140)
    source = st.text_input("Source", placeholder="where it was read", key="cs-price-source")
    return PriceTyped(
        sku, unit or "", amount, currency, provider, region, term or "", since, until, source
    )


def _import(tab: Tab, view: PricesView) -> None:
    key = "cs-price-list"
    with (
        st.expander("Publish a list", icon=":material/upload_file:"),
        st.form(key, border=False),
    ):
        st.caption(f"CSV in UTF-8, all or none; its columns: {plain(view.columns)}.")
        file = st.file_uploader("List of prices", type="csv", max_upload_size=1)
        sent = st.form_submit_button("Publish list")
    if sent:
        data = file.getvalue() if file else None
        tab.attempt(lambda: cost_prices.publish_list(tab.services, tab.principal, data), key)


def _end(tab: Tab, view: PricesView) -> None:
    key = "cs-price-end"
    if not view.ending:
        return
    with st.expander("End a price", icon=":material/event_busy:"), st.form(key, border=False):
        chosen = st.selectbox(
            "Price", list(view.ending), format_func=view.ending.__getitem__, index=None
        )
        at = st.text_input("Last day, not included", view.today)
        sent = st.form_submit_button("End price")
    if sent:
        tab.attempt(lambda: cost_prices.end(tab.services, tab.principal, chosen or "", at), key)


def _rate(tab: Tab, view: PricesView) -> None:
    key = "cs-rate"
    with (
        st.expander("Publish a rate between currencies", icon=":material/currency_exchange:"),
        st.form(key, border=False),
    ):
        with st.container(horizontal=True):
            base = st.text_input("One", placeholder="EUR", max_chars=3, width=80)
            each = st.text_input("is worth", placeholder="1.08", width=110)
            quote = st.text_input("of", placeholder="USD", max_chars=3, width=80)
        since = st.text_input("From", view.today, key="cs-rate-since")
        source = st.text_input("Source", placeholder="where it was read", key="cs-rate-source")
        sent = st.form_submit_button("Publish rate")
    if sent:
        typed = RateTyped(base, quote, each, since, source)
        tab.attempt(lambda: cost_prices.publish_rate(tab.services, tab.principal, typed), key)


def _again(tab: Tab) -> None:
    key = "cs-price-again"
    with st.expander("Price again what had no price", icon=":material/price_change:"):
        st.caption(
            "Each line gets the price of its day, by a correction; lines with a price keep it."
        )
        if st.button("Price again", key=key):
            tab.attempt(lambda: cost_prices.price_again(tab.services, tab.principal), key)
