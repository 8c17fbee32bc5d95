"""The inventory taken along: exactly the rows, nothing that a spreadsheet would compute."""

import csv
import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from console.views.calendar import calendar_of
from console.views.models import as_of
from console.views.sheet import COLUMNS, csv_of, xlsx_of
from tests.support.console_samples import HOSTILE, models

ROWS = models(6).rows
NOW = datetime(2026, 3, 14, 9, 12, tzinfo=UTC)
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(1)", "\t=1", "\r=1", "＝1+1", "＋1", "＠x")


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def test_every_row_is_there_and_reads_back() -> None:
    head, *rows = parsed(csv_of(ROWS))
    assert tuple(head) == COLUMNS
    assert [row[0] for row in rows] == [row.name for row in ROWS]
    assert rows[0][8:11] == ["0.915", "79", "351"]
    assert rows[1][8:10] == ["", ""]  # never measured is empty and no zero


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    _, row = parsed(csv_of([replace(ROWS[0], name=text, owner=text)]))
    assert row[0] == row[12] == f"'{text}"


def test_quotes_commas_and_line_breaks_stay_in_their_cell() -> None:
    name = 'a "quoted", name\nwith two lines'
    assert parsed(csv_of([replace(ROWS[0], name=name)]))[1][0] == name


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers() -> None:
    book = zipfile.ZipFile(io.BytesIO(xlsx_of([replace(ROWS[0], name="=1+1", owner=HOSTILE)])))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<v>0.915</v>" in sheet
    assert "hyperlink" not in sheet
    assert "=1+1" in book.read("xl/sharedStrings.xml").decode()


def test_duties_become_one_event_each_and_keep_their_ids() -> None:
    from icalendar import Calendar

    first, second = (Calendar.from_ical(calendar_of(ROWS, NOW)) for _ in range(2))
    events = list(first.walk("VEVENT"))
    due = [row for row in ROWS if row.days_left is not None]
    assert len(events) == len(due)
    assert [e["uid"] for e in events] == [e["uid"] for e in second.walk("VEVENT")]
    assert events[0].decoded("dtstart") == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("text", "end"),
    [("2026-03-13", datetime(2026, 3, 13, 23, 59, 59, 999999, UTC)), ("2026-03-14", None),
     ("2026-03-15", None), ("yesterday", None), ("", None), ("2026-02-30", None)],
)  # fmt: skip
def test_a_day_in_the_address_is_read_to_its_end(text: str, end: datetime | None) -> None:
    assert as_of(text, NOW) == end
