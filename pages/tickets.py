"""Retraining: tickets that ask for a new model, and one ticket from its cause to its version."""

from console.actions import tickets as actions
from console.components import links
from console.components import tickets as parts
from console.components.layout import block, empty, follow, header, split, verdict
from console.components.text import badge, chip
from console.components.ticket import ground, revising, standing, training
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import attempts, ticket, tickets


def render() -> None:
    asked = links.query()
    if asked.get("id"):
        one(ticket.load(services(), principal(), asked["id"]))
        return
    view = tickets.load(services(), principal(), asked)
    header("Retraining", plain(view.sentence))
    form = parts.open_form(view.offer)
    if form is not None:
        made: list[str] = []
        work = lambda: actions.opened(services(), principal(), form, made)  # noqa: E731
        attempt(work, parts.FORM, lambda: links.go("tickets", id=made[0]))
    for title, why in parts.EMPTY.items():
        rows = [row for row in view.rows if row.open is (title == "Open")]
        with block(title, plain(view.model) or "newest first"):
            if rows:
                parts.listed(rows)
            else:
                with empty(f"No {title.lower()} ticket", why):
                    if title == "Open":
                        links.link("models", "Open the models", arrow=True)
    if view.held:
        with block("Held back", "asked for a training and opened no ticket"):
            parts.held(view.held)


def one(view: ticket.TicketView) -> None:
    marks = (badge(view.status, view.word), chip(view.trigger))
    header(view.title, plain(view.caption), badges=marks)
    links.back("tickets", "All tickets")
    verdict(f"**{plain(view.lead)}**")
    who, number = principal(), view.ticket_id
    left, right = split("ticket", [17, 8])
    with left:
        form = revising.revising(view)
        if form is not None:
            attempt(lambda: actions.revise(services(), who, number, form), revising.FORM)
        ground.outcome(view)
        training.training(lambda: attempts.live(services(), who, number), view)
        ground.attempts(view.attempts)
        ground.ground(view)
    with right, follow():
        reason = standing.standing(view)
        if reason is not None:
            attempt(lambda: actions.cancel(services(), who, number, reason), standing.FORM)
