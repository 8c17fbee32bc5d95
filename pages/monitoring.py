"""Monitoring: what needs a person in production; with a name, the drift of one model."""

from collections.abc import Callable
from typing import Any

from console.actions import monitoring as actions
from console.actions.monitoring import Question
from console.components import links
from console.components.drift.asking import Wired, asking
from console.components.drift.page import drift
from console.components.layout import empty, header
from console.components.monitoring import fleet
from console.components.text import badge
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import monitoring, task
from console.views.drift import view as drifts


def render() -> None:
    asked = links.query()
    if asked.get("name"):
        one(asked)
        return
    view = monitoring.load(services(), principal(), asked)
    header("Monitoring", plain(view.sentence))
    fleet(view)


def one(asked: dict[str, str]) -> None:
    view = drifts.load(services(), principal(), asked)
    if view is None:
        header(asked["name"], "Nothing of this model is watched.")
        with empty("No monitor", "One is made when a version is promoted."):
            links.link("model", "Open the model", arrow=True, name=asked["name"])
        return
    marks = [badge(status, plain(word)) for status, word in view.badges]
    header(f"Drift of {view.name}", plain(view.sentence), badges=marks)
    links.back("monitoring", "All models")
    drift(view)
    if view.asking is not None:
        asking(view.asking, wired(view.monitor_id))


def wired(monitor_id: str) -> Wired:
    who = principal()

    def doing(form: str, work: Callable[..., Any]) -> Callable[[Question], None]:
        return lambda q: attempt(lambda: work(services(), who, q), f"{form}-{monitor_id}")

    return Wired(
        doing("measure", actions.measure), doing("drill", actions.drill),
        doing("report", actions.report), doing("rows", actions.rows),
        lambda task_id: task.load(services(), who, task_id),
    )  # fmt: skip
