"""One kind of evidence beside the decision: the same picture as on the model's page."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from console.actions.review import opened
from console.components import links
from console.components.model.explanations import explanations as draw_explanations
from console.components.model.fairness import fairness as draw_fairness
from console.components.model.lineage import lineage as draw_lineage
from console.components.model.performance import performance as draw_performance
from console.components.ticket.compared import compared as draw_compared
from console.views import compared, explanations, fairness, lineage, model, performance
from console.views.compared import ComparedView
from console.views.model import ModelHead
from console.views.review import ReviewView
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def panels(services: "Services", principal: Principal, view: ReviewView) -> Callable[[str], None]:
    """Return what draws a kind of evidence of the version under review, beside what it replaces."""
    compare = view.compared.removeprefix("v")
    named = {"name": view.model, "version": str(view.version), "compare": compare}
    head = model.load(services, principal, named)
    return lambda kind: _panel(services, principal, view, head, kind)


def _panel(
    services: "Services", principal: Principal, view: ReviewView, head: ModelHead, kind: str
) -> None:
    asked = links.query()
    if view.open:
        opened(services, principal, view.review_id, kind)
    if kind == "performance":
        metric = asked.get("metric", "")
        draw_performance(performance.load(services, principal, head, metric))
    elif kind == "fairness":
        attribute = asked.get("attribute", "")
        draw_fairness(fairness.load(services, principal, head, attribute))
    elif kind == "explanation":
        draw_explanations(explanations.load(services, principal, head))
    elif kind == "lineage":
        draw_lineage(lineage.load(services, principal, head))
    elif kind == compared.KIND and (report := _report(services, view)) is not None:
        draw_compared(report)
    else:
        st.caption("Its numbers stand in the gate above; its payload on the model's page.")


def _report(services: "Services", view: ReviewView) -> ComparedView | None:
    return compared.of_version(services, view.model, view.version)
