"""The inventory as a sheet: exactly the rows that are shown, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Sequence

from console.views.inventory import ModelRow

COLUMNS = (
    "Model", "Version shown", "Tier", "Legal class", "Governance", "Approved", "Evidence", "Gaps",
    "Impact ratio", "n", "Days left", "Next duty", "Owner", "Team", "Worst drift",
    "Cost, 30 days", "Currency", "Cost, 30 days before", "Unpriced lines",
)  # fmt: skip
FORMULA = tuple("=+-@\t\r＝＋－＠")


def csv_of(rows: Sequence[ModelRow]) -> str:
    """Return rows as CSV (RFC 4180), every cell quoted, none that a spreadsheet would compute.

    Notes
    -----
    A cell that begins like a formula gets an apostrophe in front (OWASP, CSV injection).
    """
    text = io.StringIO()
    sheet = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    sheet.writerow(COLUMNS)
    for row in rows:
        sheet.writerow([_safe(cell) for cell in _cells(row)])
    return text.getvalue()


def xlsx_of(rows: Sequence[ModelRow]) -> bytes:
    """Return rows as a workbook; numbers stay numbers, and no text becomes a formula or a link."""
    import xlsxwriter  # loads slowly, and few ask for it

    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(made, options) as book:
        sheet = book.add_worksheet("Models")
        sheet.freeze_panes(1, 1)
        sheet.write_row(0, 0, COLUMNS, book.add_format({"bold": True}))
        for place, row in enumerate(rows, 1):
            sheet.write_row(place, 0, _cells(row))
        sheet.autofit()
    return made.getvalue()


def _cells(row: ModelRow) -> tuple[object, ...]:
    return (
        row.name, row.title.rpartition(" ")[2] if row.title != row.name else "", row.tier,
        row.legal_class, row.state, row.approved, row.evidence, "; ".join(row.gaps),
        "" if row.ratio is None else row.ratio, "" if row.ratio_n is None else row.ratio_n,
        "" if row.days_left is None else row.days_left, row.next_duty, row.owner, row.team,
        "" if row.drift is None else row.drift, row.cost.decimal, row.cost.currency,
        row.cost.before, row.cost.unpriced or "",
    )  # fmt: skip


def _safe(cell: object) -> str:
    if isinstance(cell, int | float):
        return str(cell)
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
