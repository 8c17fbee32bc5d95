"""What became of a review: progress of the promotion, the digest in full, the way back."""

from collections.abc import Callable
from datetime import UTC
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from console.actions.model import BackAsked
from console.components.layout import banner, block
from console.components.model.decisions import way_back as back_form
from console.components.review.parts import back_to, basis
from console.components.tasks import progress
from console.components.text import badge
from console.format import local, plain
from console.views.decisions import WayBack
from console.views.review import ReviewView
from console.views.task import TaskRow
from services.kernel.clock import Clock

MOVES = ("Promotion", "moves the alias, reads it back, marks it")
TRAINS = ("Training", "trains, compares on the holdout, moves nothing in production")


def outcome(view: ReviewView, task: Callable[[], TaskRow | None]) -> None:
    """Draw what a decided review led to: the task, live, and the digest of what was signed."""
    if view.outcome:
        banner(view.status, plain(view.outcome))
    if view.task_id:
        with block(*(TRAINS if view.training else MOVES)):
            progress(task)
    if view.given:
        basis(view.digest)


def closed(view: ReviewView, back: WayBack) -> BackAsked | None:
    """Draw what stands beside a decided review: the way back, and the way to the model."""
    with block("Decided"):
        st.markdown(badge(view.status, plain(view.word)))
        back_to(view)
    return back_form(back, view.model) if back.options and not view.training else None


def withdraw(view: ReviewView) -> bool:
    """Draw the button that takes a request back; tell whether it was pressed."""
    if not view.may_withdraw:
        return False
    return st.button("Withdraw this request", type="tertiary", icon=":material/undo:")


def times(clock: Clock) -> str:
    """Return this instant in UTC and on the reader's clock."""
    try:
        zone = ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return local(clock.now(), UTC)
    return local(clock.now(), zone)
