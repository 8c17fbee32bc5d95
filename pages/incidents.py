"""Incidents: what went wrong, who handles it, which clock runs."""

from console.actions import incidents as actions
from console.components import incidents as parts
from console.components import links
from console.components.incident import handling, timeline
from console.components.layout import block, empty, follow, header, split
from console.components.text import badge, chip
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import incident, incidents


def render() -> None:
    asked = links.query()
    if asked.get("id"):
        one(incident.load(services(), principal(), asked["id"]))
        return
    view = incidents.load(services(), principal(), asked)
    header("Incidents", plain(view.sentence))
    form = parts.open_form(view.offer)
    if form is not None:
        made: list[str] = []
        work = lambda: actions.opened(services(), principal(), form, made)  # noqa: E731
        attempt(work, parts.FORM, lambda: links.go("incidents", id=made[0]))
    for title, why in parts.EMPTY.items():
        rows = [row for row in view.rows if row.open is (title == "Open")]
        with block(title, plain(view.model) or "newest first"):
            if rows:
                parts.listed(rows)
            else:
                with empty(f"No {title.lower()} incident", why):
                    if title == "Open":
                        links.link("models", "Open the models", arrow=True)


def one(view: incident.IncidentView) -> None:
    marks = (badge(view.status, view.word), chip(f"severity {view.severity}"))
    header(view.title, plain(view.caption), badges=marks)
    links.back("incidents", "All incidents")
    left, right = split("incident", [15, 9])
    with left:
        noted, planned = timeline.timeline(view), timeline.remedies(view)
        timeline.learned(view)
    with right, follow():
        handling.ways_out(view)
        handled = handling.handling(view)
        make = lambda kind: actions.report(services(), principal(), view.incident_id, kind)  # noqa: E731
        told = handling.authority(view, make)
    asked = noted or planned or handled or told
    if asked is not None:
        kinds = {"Noted": "note", "Planned": "plan", "Told": "told"}
        name = kinds.get(type(asked).__name__, "change")
        work = lambda: actions.change(services(), principal(), view.incident_id, asked)  # noqa: E731
        attempt(work, f"incident-{name}-{view.incident_id}")
