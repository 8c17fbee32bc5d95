"""Review: what am I deciding, may I, on what ground; then the signature."""

from console.actions import model as back
from console.actions import review as actions
from console.components import links
from console.components.layout import empty, follow, header, split, verdict
from console.components.review import outcome, parts
from console.components.review.panel import panel
from console.components.review.signature import form_name, signature
from console.format import plain
from console.guard import attempt
from console.runtime import services
from console.session import principal
from console.views import review, task
from console.views.review import ReviewView


def render() -> None:
    review_id = links.query().get("id", "")
    if not review_id:
        header("Review", "Choose a review first.")
        with empty("No review chosen", "The address names none."):
            links.link("reviews", "Open the reviews", arrow=True)
        return
    who = principal()
    view = review.load(services(), who, review_id)
    title = f"Review of {view.model} v{view.version}"
    header(title, plain(view.caption), badges=parts.heading(view))
    verdict(f"**{plain(view.lead)}** {plain(view.rationale)}")
    outcome.outcome(view, lambda: task.load(services(), who, view.task_id))
    left, right = split("review", [8, 4])
    with left:
        acknowledged = parts.ground(view, lambda kind: panel(services(), who, view, kind))
    with right, follow():
        if view.open:
            decide(view, acknowledged)
        else:
            closed(view)


def decide(view: ReviewView, acknowledged: tuple[str, ...]) -> None:
    who, form = principal(), form_name(view)
    deciding = review.deciding(services(), who, view)
    parts.may(deciding)
    parts.consequences(view)
    if deciding.may:
        decided = signature(view, deciding, acknowledged, outcome.times(services().clock))
        if decided is not None:
            attempt(lambda: actions.sign(services(), who, view.review_id, decided), form)
    if outcome.withdraw(view):
        attempt(lambda: actions.withdraw(services(), who, view.review_id), form)


def closed(view: ReviewView) -> None:
    asked = outcome.closed(view, review.way_back(services(), principal(), view))
    if asked is not None:
        attempt(
            lambda: back.roll_back(services(), principal(), view.model, asked), f"back-{view.model}"
        )
