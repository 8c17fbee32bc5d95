"""Reviews in a list."""

from collections.abc import Sequence

from console.components.rows import To, rows
from console.components.text import badge
from console.format import plain
from console.views.reviews import ReviewRow

TITLES = ("State", "What is decided", "Requested", "Due", "")
WEIGHTS = (1.5, 4.2, 2.6, 1.4, 1.8)


def reviews(listed: Sequence[ReviewRow]) -> None:
    """Draw reviews, each with its state, who asked, what is due."""
    lines = [
        (
            badge(row.status, plain(row.word)),
            plain(row.what),
            f":gray[{plain(row.requested)}]",
            f"**{plain(row.due)}**" if row.urgent else plain(row.due),
            To(
                "review",
                "Review and sign" if row.mine else "Open",
                (("id", row.review_id),),
                arrow=True,
            ),
        )
        for row in listed
    ]
    rows(TITLES, WEIGHTS, lines)
