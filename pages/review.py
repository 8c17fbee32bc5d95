"""Review: what am I deciding, may I, on what ground; then the signature."""

from console.components import links
from console.components.layout import empty, follow, header, split, verdict
from console.components.review import column, outcome, parts
from console.components.review.panel import panels
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import review, task
from console.views.cost import beside


def render() -> None:
    review_id = links.query().get("id", "")
    if not review_id:
        header("Review", "Choose a review first.")
        with empty("No review chosen", "The address names none."):
            links.link("reviews", "Open the reviews", arrow=True)
        return
    who = principal()
    view = review.load(services(), who, review_id)
    header(view.title, plain(view.caption), badges=parts.heading(view))
    verdict(f"**{plain(view.lead)}** {plain(view.rationale)}")
    outcome.outcome(view, lambda: task.load(services(), who, view.task_id))
    left, right = split("review", [17, 8])
    with left:
        replaced = int(view.compared.removeprefix("v") or 0) or None
        costs = lambda: beside.load(services(), view.model, view.version, replaced)  # noqa: E731
        acknowledged = parts.ground(view, panels(services(), who, view), costs)
    with right, follow():
        column.draw(column.Wired(services(), who, view, attempt), acknowledged)
