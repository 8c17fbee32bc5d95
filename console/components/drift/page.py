"""A drift page from top to bottom."""

from console.components import links
from console.components.drift.choosing import bar
from console.components.drift.more import answers, columns, weight
from console.components.drift.picture import heat, numbers, timeline, two
from console.components.drift.skew import skew
from console.components.layout import banner, empty, split
from console.format import plain
from console.views.drift.view import DriftView


def drift(view: DriftView, *, fixed: bool = False) -> None:
    """Draw what is known of a watched version; ``fixed`` where model and version are chosen elsewhere."""
    if view.note:
        banner("info", plain(view.note))
    bar(view.name, view.bar, fixed=fixed)
    if view.picture is None:
        with empty("No window was measured yet", "The first follows when a window is over."):
            return
    timeline(view, view.picture)
    left, right = split("drift", [6, 5])
    with left:
        heat(view, view.picture)
        columns(view)
        skew(view)
    with right:
        two(view)
        weight(view)
    numbers(view.picture)
    if fixed:
        links.link(
            "monitoring", "All of it under Monitoring", arrow=True, name=view.name,
            version=str(view.version),
        )  # fmt: skip
    elif view.answers is not None:
        answers(view, view.answers)
