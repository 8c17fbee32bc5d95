"""Reviews in a list."""

from collections.abc import Sequence

from console.components import links
from console.components.tables import table
from console.components.text import badge
from console.format import plain
from console.views.reviews import ReviewRow


def reviews(rows: Sequence[ReviewRow], alt: str) -> None:
    """Draw reviews, each with its state, who asked, what is due."""
    cells = [
        {
            "State": badge(row.status, plain(row.word)),
            "What": links.href("review", plain(row.what), id=row.review_id),
            "Signed": plain(row.signed),
            "Requested": plain(row.requested),
            "Due": f"**{plain(row.due)}**" if row.urgent else plain(row.due),
            "": links.href("review", "Review and sign" if row.mine else "Open", id=row.review_id),
        }
        for row in rows
    ]
    table(cells, alt, wrap=2)
