"""The right column of a review: the decision, what became of it, and what may follow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.actions import model as back
from console.actions import review as actions
from console.components import links
from console.components.review import afterwards, outcome, parts
from console.components.review.signature import form_name, signature
from console.views import deciding, review
from console.views.review import ReviewView
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class Wired:
    """What the column works with; ``attempt`` does what a form asks for and shows what went wrong."""

    services: "Services"
    who: Principal
    view: ReviewView
    attempt: Callable[..., None]


def draw(at: Wired, acknowledged: tuple[str, ...]) -> None:
    """Draw the column and pass on what its forms ask for."""
    if at.view.open:
        _decide(at, acknowledged)
    else:
        _closed(at)
    _afterwards(at)


def _decide(at: Wired, acknowledged: tuple[str, ...]) -> None:
    view, form = at.view, form_name(at.view)
    now = deciding.load(at.services, at.who, view)
    parts.may(now)
    parts.consequences(view)
    if now.may:
        decided = signature(view, now, acknowledged, outcome.times(at.services.clock))
        if decided is not None:
            work = lambda: actions.sign(at.services, at.who, view.review_id, decided)  # noqa: E731
            at.attempt(work, form)
    if outcome.withdraw(view):
        at.attempt(lambda: actions.withdraw(at.services, at.who, view.review_id), form)


def _closed(at: Wired) -> None:
    asked = outcome.closed(at.view, review.way_back(at.services, at.who, at.view))
    if asked is not None:
        name, opened = at.view.model, list[str]()
        at.attempt(
            lambda: back.roll_back(at.services, at.who, name, asked, opened),
            f"back-{name}",
            lambda: links.go("review", id=opened[0]),
        )


def _afterwards(at: Wired) -> None:
    place = f"after-{at.view.review_id}"
    taken = afterwards.take_back(at.view)
    if taken is not None:
        at.attempt(lambda: actions.take_back(at.services, at.who, taken), place)
    wish, failed = afterwards.failed(at.view), at.view.failed
    if wish == "again":
        at.attempt(lambda: actions.retry(at.services, at.who, failed), place)
    elif wish is not None:
        reason = wish.removeprefix("up:")
        at.attempt(lambda: actions.give_up(at.services, at.who, failed, reason), place)
