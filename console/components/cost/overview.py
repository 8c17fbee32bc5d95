"""Overview: what models cost, by model, team and kind, and how it went."""

from collections.abc import Sequence

import streamlit as st

from console.actions.cost_chargeback import FORMS, writing
from console.components import links
from console.components.charts import chart
from console.components.cost.bar import bar
from console.components.cost.tab import Tab
from console.components.layout import banner, block, empty, mode, split
from console.components.pictures import spark
from console.components.tables import table
from console.components.text import badge, chip, muted
from console.figures.spend import Stack, stacked
from console.format import NOTHING, plain, plural
from console.views.cost import overview
from console.views.cost.groups import ModelCost, Share
from console.views.cost.overview import OverviewView


def draw(tab: Tab) -> None:
    """Draw the tab."""
    view = overview.load(tab.services, tab.principal, tab.query)
    bar(view.scope)
    if view.is_empty:
        with empty(
            f"No cost in {plain(view.scope.words)}",
            "Lines appear here when a training ends, a model serves, or a bill is imported.",
        ):
            links.link("cost", "Import a bill", arrow=True, tab="Bills")
        return
    _notes(view)
    _sums(view)
    left, right = split("cost", [15, 9])
    with left:
        _course("Day by day", view.scope.words, view.days, "days")
        _course("Month by month", "the twelve months that end with it", view.months, "months")
    with right:
        _budgets(view)
        _shares("By kind", "Kind", view.kinds)
        _shares("By team", "Team", view.teams)
    _models(view)
    if view.may_export and view.scope.is_month:
        _chargeback(tab, view)


def _chargeback(tab: Tab, view: OverviewView) -> None:
    note = "what each team owes for the whole month, exact to a millionth; each is an export in the trail"
    with block("Chargeback by team", note), st.container(horizontal=True):
        for name, form, mime in FORMS:
            st.download_button(
                f"{view.scope.words} as {name}",
                writing(tab.services, tab.principal, view.scope.start, form),
                file_name=f"chargeback-{view.scope.period}.{form}",
                mime=mime,
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )


def _notes(view: OverviewView) -> None:
    if view.unpriced:
        lines = plural(view.unpriced, "line has", "lines have")
        see = links.href("cost", "See the prices", tab="Prices")
        banner("unknown", f"**Unpriced.** {lines} no price; what stands here is not all. {see}.")
    told: list[str] = []
    if view.sample:
        own = links.href("cost", "publish your own", tab="Prices")
        told.append(
            f"{chip('sample prices')} some of it is worked out with prices to try the console out: {own}"
        )
    if view.others:
        told.append(f"not in these sums, in other currencies: {plain(', '.join(view.others))}")
    if told:
        st.caption(" · ".join(told))


def _sums(view: OverviewView) -> None:
    change, than = view.change
    told = [
        ("so-far", view.amount, f"{'so far, ' if view.scope.is_open else ''}{view.scope.words}"),
        ("ahead", *view.ahead) if view.ahead[0] else (),
        ("change", change or NOTHING, than),
        ("estimated", view.estimated or NOTHING, "of it estimated, not billed"),
        ("nobody", view.unallocated or NOTHING, "of no model"),
    ]
    shown = [each for each in told if each]
    for place, (key, value, words) in zip(st.columns(len(shown), gap="small"), shown, strict=True):
        with place, st.container(key=f"cs-sum-{key}", height="stretch"):
            with st.container(key=f"cs-count-cost-{key}"):
                st.markdown(plain(value))
            st.caption(plain(words))
    if view.unallocated:
        st.caption(links.href("cost", "What no model bears, and what bills say of it", tab="Bills"))


def _course(title: str, note: str, found: Stack | None, key: str) -> None:
    if found is None:
        return
    with block(title, plain(note), key=f"cost-{key}"):
        said = f"{title}: {', '.join(part.name for part in found.parts)} in {found.currency}"
        chart(stacked(found, mode()), said, height=210, key=f"cost-{key}")


def _budgets(view: OverviewView) -> None:
    if not view.scope.is_month or not view.scope.is_open:
        return
    with block("Against budgets", "this month, in this currency"):
        lines = [
            {
                "Budget of": plain(each.whose),
                "State": badge(each.status, each.word),
                "Spent": plain(each.spent),
                "Of": plain(each.amount),
                "Share": each.share,
            }
            for each in view.budgets
        ]
        if lines:
            table(lines, "The month against budgets", wrap=1, right=(3, 4, 5))
        links.link("cost", "All budgets" if lines else "Set a budget", arrow=True, tab="Budgets")


def _shares(title: str, noun: str, found: Sequence[Share]) -> None:
    with block(title):
        lines = [
            {
                noun: plain(each.name),
                "Cost": plain(each.amount),
                "Share": each.share or NOTHING,
                **_missing(each.unpriced, any(every.unpriced for every in found)),
            }
            for each in found
        ]
        table(lines, title, wrap=1, right=(2, 3, 4))


def _models(view: OverviewView) -> None:
    with block("By model", "the dearest first"):
        lines = [_model(each) for each in view.models]
        table(lines, "Cost by model", wrap=(1, 4), right=(2, 3, 5, 6))


def _missing(unpriced: int, some: bool) -> dict[str, str]:  # noqa: FBT001 - one of two
    return {"Unpriced": plural(unpriced, "line") if unpriced else ""} if some else {}


def _model(each: ModelCost) -> dict[str, str]:
    name = plain(each.words)
    more = f"  \n{muted(plural(each.unpriced, 'line') + ' unpriced')}" if each.unpriced else ""
    return {
        "Model": links.href("model", name, name=each.name, tab="Cost")
        if each.name
        else muted(name),
        "Cost": f"{plain(each.amount)}{more}",
        "Share": each.share or NOTHING,
        "For": plain(each.kinds),
        "Per 1,000": plain(each.per_thousand) or NOTHING,
        "Energy": "  \n".join(map(plain, each.energy)) or NOTHING,
        "Twelve months": spark(each.trend, f"{each.words}: twelve months, the last in colour"),
    }
