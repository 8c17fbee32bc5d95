"""Each tab of a model: load its view, draw it, pass its form on."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from console.actions import business as figures
from console.actions import model as actions
from console.actions import recipe as recipes
from console.actions.at_once import AskedAtOnce, request_and_sign
from console.actions.suspension import SuspendAsked, suspend
from console.components import links, memory
from console.components.drift.page import drift as draw_drift
from console.components.events import events
from console.components.layout import block, empty
from console.components.model.business import business as draw_business
from console.components.model.card import card as draw_card
from console.components.model.cost import cost as draw_cost
from console.components.model.decisions import decisions as draw_decisions
from console.components.model.evidence import evidence as draw_evidence
from console.components.model.explanations import explanations as draw_explanations
from console.components.model.fairness import fairness as draw_fairness
from console.components.model.lineage import lineage as draw_lineage
from console.components.model.overview import Wired
from console.components.model.overview import overview as draw_overview
from console.components.model.performance import performance as draw_performance
from console.components.model.retraining import retraining as draw_retraining
from console.components.model.service import service as draw_service
from console.components.model.tab import Tab
from console.views import (
    activity,
    business,
    card,
    decisions,
    evidence,
    explanations,
    fairness,
    lineage,
    overview,
    performance,
    retraining,
    service,
    suspension,
    task,
)
from console.views.cost import of_model as costs
from console.views.drift import view as drifts


def _overview(tab: Tab) -> None:
    head = tab.head
    view = overview.load(tab.services, tab.principal, head)
    wired = Wired(
        lambda: task.load(tab.services, tab.principal, view.measuring.task_id),
        lambda task_id: actions.cancel(tab.services, tab.principal, head.name, task_id),
    )
    asked = draw_overview(view, wired)
    _business(tab)
    form = f"-{head.name}-{head.version}"
    if isinstance(asked, str):
        measure = lambda: actions.measure(tab.services, tab.principal, head, asked)  # noqa: E731
        tab.attempt(measure, "measure" + form)
    elif asked is not None:
        opened: list[str] = []

        def work() -> str:
            if isinstance(asked, AskedAtOnce):
                return request_and_sign(tab.services, tab.principal, head, asked, opened)
            return actions.request(tab.services, tab.principal, head, asked, opened)

        tab.attempt(work, "request" + form, lambda: links.go("review", id=opened[0]))


def _business(tab: Tab) -> None:
    asked = draw_business(view := business.load(tab.services, tab.principal, tab.head, tab.query))
    if asked is not None:
        work = lambda: figures.keep(tab.services, tab.principal, view.name, asked)  # noqa: E731
        tab.attempt(work, f"figure-{view.name}")


def _card(tab: Tab) -> None:
    view = card.load(tab.services, tab.principal, tab.head, tab.query.get("revision", ""))
    asked = draw_card(view, tab.query.get("edit", ""))
    if isinstance(asked, actions.Restored):
        restored = asked

        def restore() -> str:
            words = actions.restore(tab.services, tab.principal, tab.head, restored)
            links.ask(revision=None)
            return words

        tab.attempt(restore, "card-restore")
    elif asked is not None:
        saved = asked

        def save() -> str:
            words = actions.save(tab.services, tab.principal, tab.head, saved)
            links.ask(edit=None)
            memory.drop(f"began:{view.name}:{view.version}:{saved.field}")
            return words

        tab.attempt(save, f"card-{saved.field}")


def _lineage(tab: Tab) -> None:
    draw_lineage(lineage.load(tab.services, tab.principal, tab.head))


def _performance(tab: Tab) -> None:
    chosen = tab.query.get("metric", "")
    draw_performance(performance.load(tab.services, tab.principal, tab.head, chosen))


def _fairness(tab: Tab) -> None:
    chosen = tab.query.get("attribute", "")
    draw_fairness(fairness.load(tab.services, tab.principal, tab.head, chosen))


def _explanations(tab: Tab) -> None:
    draw_explanations(explanations.load(tab.services, tab.principal, tab.head))


def _drift(tab: Tab) -> None:
    head = tab.head
    asked = {**tab.query, "name": head.name, "version": str(head.version)}
    view = drifts.load(tab.services, tab.principal, asked)
    if view is None or view.version != head.version:
        with empty("Not watched", f"What serves is watched; nobody watches v{head.version}."):
            links.link("monitoring", "Open Monitoring", arrow=True)
        return
    draw_drift(view, fixed=True)


def _service(tab: Tab) -> None:
    draw_service(service.load(tab.services, tab.principal, tab.head, tab.query))


def _cost(tab: Tab) -> None:
    draw_cost(costs.load(tab.services, tab.head, tab.query))


def _retraining(tab: Tab) -> None:
    text = draw_retraining(retraining.load(tab.services, tab.principal, tab.head))
    if text is not None:
        publish = lambda: recipes.publish(tab.services, tab.principal, text)  # noqa: E731
        tab.attempt(publish, f"recipe-{tab.head.name}")


def _decisions(tab: Tab) -> None:
    view = decisions.load(tab.services, tab.principal, tab.head)
    wanted = "suspend" in tab.query
    brake = suspension.load(tab.services, tab.principal, tab.head, asked=wanted)
    asked = draw_decisions(view, brake)
    opened: list[str] = []
    if isinstance(asked, SuspendAsked):
        stop = lambda: suspend(tab.services, tab.principal, view.name, asked, opened)  # noqa: E731
        tab.attempt(stop, f"suspend-{view.name}", lambda: links.go("review", id=opened[0]))
    elif isinstance(asked, actions.BackAsked):
        tab.attempt(
            lambda: actions.roll_back(tab.services, tab.principal, view.name, asked, opened),
            f"back-{view.name}",
            lambda: links.go("review", id=opened[0]),
        )
    elif asked is not None:
        excuse = lambda: actions.excuse(tab.services, tab.principal, tab.head, asked)  # noqa: E731
        tab.attempt(excuse, f"excuse-{view.name}")


def _evidence(tab: Tab) -> None:
    opened = tab.query.get("id", "")
    draw_evidence(evidence.load(tab.services, tab.principal, tab.head, opened))


def _activity(tab: Tab) -> None:
    view = activity.load(tab.services, tab.principal, tab.head)
    with block("What happened", "newest first; the audit trail holds all of it"):
        if view.rows:
            events(view.rows, "Events of this model", numbered=True)
        else:
            empty("Nothing happened yet", "Events appear here as they happen.")


DRAW: Mapping[str, Callable[[Tab], None]] = MappingProxyType(
    {
        "Overview": _overview,
        "Card": _card,
        "Lineage": _lineage,
        "Performance": _performance,
        "Fairness": _fairness,
        "Explanations": _explanations,
        "Drift": _drift,
        "Service": _service,
        "Cost": _cost,
        "Retraining": _retraining,
        "Decisions": _decisions,
        "Evidence": _evidence,
        "Activity": _activity,
    }
)
