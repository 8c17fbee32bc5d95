"""Events as a small table."""

from collections.abc import Sequence

from console.components import links
from console.components.tables import table
from console.components.text import muted
from console.format import plain
from console.views.event import EventRow


def events(rows: Sequence[EventRow], alt: str, *, numbered: bool = False) -> None:
    """Draw events; ``numbered`` adds the place in the trail, which opens its detail."""
    table([_row(row, numbered=numbered) for row in rows], alt, wrap=3 if numbered else 2)


def _row(row: EventRow, *, numbered: bool) -> dict[str, str]:
    subject = plain(row.subject)
    if row.model:
        subject = links.href("model", subject, name=row.model)
    words = f"{plain(row.words)} {subject}" if subject else plain(row.words)
    detail = f" {muted(plain(row.detail))}" if row.detail else ""
    cells = {"When": plain(row.when), "What": f"{words}{detail}", "By": plain(row.by)}
    if numbered:
        number = links.href("trail", f"{row.seq:,}", event=str(row.seq))
        return {"Event": number, **cells, "Action": muted(plain(row.action))}
    return cells
