"""Lineage as a list."""

from console.components.layout import block, empty, facts, split, verdict
from console.components.tables import table
from console.components.text import badge, mono
from console.format import digest, plain
from console.views.lineage import LineageView


def lineage(view: LineageView) -> None:
    """Draw datasets, run, version and commit, each with what identifies it."""
    verdict(f"{badge(view.status)} {plain(view.sentence)}")
    with block("Where it comes from", "dataset → run → version"):
        rows = [
            {
                "What": plain(row.what),
                "Name": plain(row.name),
                "Identity": mono(digest(row.digest)),
                "Traced": badge("pass", "Traced") if row.traced else badge("unknown", "Not traced"),
                "Source": plain(row.source) or "–",
            }
            for row in view.rows
        ]
        if rows:
            table(rows, "Lineage of this version", wrap=(2, 3, 5))
        else:
            with empty("No lineage was filed", "Measure this version to trace its datasets."):
                pass
    left, right = split("lineage", [1, 1])
    with left, block("Run"):
        facts({plain(k): plain(v) for k, v in view.run})
    with right, block("Parameters", "as the run logged them"):
        facts({plain(k): plain(v) for k, v in view.parameters} or {"None": "none were logged"})
