"""A table on paper: PDF 1.4 in A4, in the fonts that every reader has; the same table gives the same bytes.

References
----------
ISO 32000-1:2008, 7.5 (file structure) and 9.6.2.2 (standard fonts). Widths: Adobe's metrics of Helvetica.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDE, HIGH = 595, 842
LEFT, TOP, BOTTOM, LINE = 42, 790, 56, 14
SIZE, TITLE, SMALL = 9, 14, 8
_CODE = "cp1252"
_WIDTHS = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778,
    722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278,
    278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what stands above it, how wide it is in points, and whether it holds numbers."""

    title: str
    width: int
    right: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; a bold one has a rule above it."""

    cells: tuple[str, ...]
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a title, notes under it, and a foot on every page."""

    title: str
    notes: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    foot: str = ""


def pdf(sheet: Sheet) -> bytes:
    """Return a table as a PDF; a character that the font lacks is a question mark."""
    pages = list(_pages(sheet))
    drawn = [_page(sheet, rows, n, len(pages)) for n, rows in enumerate(pages, 1)]
    kids = " ".join(f"{6 + 2 * n} 0 R" for n in range(len(drawn)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(drawn)} /Kids [{kids}] >>".encode(),
        _font("Helvetica"),
        _font("Helvetica-Bold"),
        b"<< /Title (" + _escaped(sheet.title) + b") /Producer (Countersign) >>",
    ]
    for n, stream in enumerate(drawn):
        objects += [_leaf(7 + 2 * n), _stream(stream)]
    return _file(objects)


def _pages(sheet: Sheet) -> Iterator[Sequence[Row]]:
    """Yield the rows of each page; the first has the title and the notes above its rows."""
    room = (TOP - BOTTOM) // LINE - 2
    first = max(1, room - 2 - len(sheet.notes))
    yield sheet.rows[:first]
    for start in range(first, len(sheet.rows), room):
        yield sheet.rows[start : start + room]


def _page(sheet: Sheet, rows: Sequence[Row], number: int, count: int) -> bytes:
    parts: list[bytes] = []
    y = TOP
    if number == 1:
        parts.append(_text(LEFT, y, sheet.title, TITLE, bold=True))
        for note in sheet.notes:
            y -= LINE
            parts.append(_text(LEFT, y, fitted(note, WIDE - 2 * LEFT, SMALL), SMALL))
        y -= 2 * LINE
    parts += _row(sheet.columns, tuple(c.title for c in sheet.columns), y, bold=True)
    parts.append(_rule(y - 4))
    for row in rows:
        y -= LINE
        parts += [_rule(y + 10)] if row.bold else []
        parts += _row(sheet.columns, row.cells, y, bold=row.bold)
    parts.append(_text(LEFT, BOTTOM - 24, sheet.foot, SMALL))
    told = f"page {number} of {count}"
    parts.append(_text(WIDE - LEFT - width(told, SMALL), BOTTOM - 24, told, SMALL))
    return b"\n".join(parts)


def _row(columns: Sequence[Column], cells: Sequence[str], y: int, *, bold: bool) -> Iterator[bytes]:
    x = LEFT
    for column, cell in zip(columns, cells, strict=True):
        told = cell if column.right else fitted(cell, column.width - 6, SIZE)  # no number is cut
        place = x + column.width - 6 - width(told, SIZE) if column.right else x
        yield _text(place, y, told, SIZE, bold=bold)
        x += column.width


def width(text: str, size: int) -> int:
    """Return how wide a text is in points; characters beyond ASCII count as wide ones."""
    units = sum(_WIDTHS[ord(c) - 32] if 32 <= ord(c) < 127 else 667 for c in text)
    return -(-units * size // 1000)


def fitted(text: str, points: int, size: int) -> str:
    """Return a text cut at its end to what fits into so many points."""
    if width(text, size) <= points:
        return text
    while text and width(text + "…", size) > points:
        text = text[:-1]
    return text + "…"


def _text(x: int, y: int, words: str, size: int, *, bold: bool = False) -> bytes:
    font = b"/F2" if bold else b"/F1"
    return b"BT %s %d Tf %d %d Td (%s) Tj ET" % (font, size, x, y, _escaped(words))


def _rule(y: int) -> bytes:
    return b"0.5 w %d %d m %d %d l S" % (LEFT, y, WIDE - LEFT, y)


def _escaped(words: str) -> bytes:
    told = " ".join(words.split()).encode(_CODE, "replace")
    return told.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _font(name: str) -> bytes:
    return (
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>".encode()
    )


def _leaf(contents: int) -> bytes:
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDE} {HIGH}] /Contents {contents} 0 R "
        "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
    ).encode()


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    head = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
    return head + packed + b"\nendstream"


def _file(objects: Sequence[bytes]) -> bytes:
    """Return objects as a file: header, objects, table of their places, trailer."""
    made, places = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), list[int]()
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\n" % (len(objects) + 1)
    return bytes(made + b"startxref\n%d\n%%%%EOF\n" % start)
