"""A table on paper, read back from its own bytes."""

import re
import zlib

from services.kernel.pdf import Column, Row, Sheet, fitted, pdf, width

COLUMNS = (Column("Team", 120), Column("Amount", 90, right=True))


def sheet(rows: int = 3, name: str = "Lending") -> Sheet:
    lines = tuple(Row((f"{name} {n}", f"{n}.50 USD"), bold=n == 2) for n in range(rows))
    return Sheet("A title", ("A note (in brackets)",), COLUMNS, lines, "the foot")


def streams(data: bytes) -> list[bytes]:
    found = re.findall(rb"/Length (\d+) /Filter /FlateDecode >>\nstream\n", data)
    starts = [m.end() for m in re.finditer(rb"FlateDecode >>\nstream\n", data)]
    return [
        zlib.decompress(data[at : at + int(long)]) for at, long in zip(starts, found, strict=True)
    ]


def written(data: bytes) -> str:
    return b"\n".join(streams(data)).decode("cp1252")


def test_every_object_lies_where_the_table_of_places_says() -> None:
    data = pdf(sheet())
    start = int(re.findall(rb"startxref\n(\d+)\n%%EOF\n$", data)[0])
    assert data[start:].startswith(b"xref\n")
    places = [int(each) for each in re.findall(rb"(\d{10}) 00000 n ", data[start:])]
    assert len(places) == 7
    for number, place in enumerate(places, 1):
        assert data[place:].startswith(b"%d 0 obj\n" % number)
        assert b"\nendobj\n" in data[place:]


def test_what_is_written_stands_on_the_page_and_brackets_are_no_syntax() -> None:
    told = written(pdf(sheet()))
    assert "(Lending 1)" in told
    assert "(2.50 USD)" in told
    assert r"(A note \(in brackets\))" in told
    assert "(page 1 of 1)" in told


def test_long_tables_go_on_over_pages_and_lose_no_row() -> None:
    data = pdf(sheet(200))
    told = written(data)
    assert data.count(b"/Type /Page ") == len(streams(data)) == 5
    assert all(f"(Lending {n})" in told for n in range(200))
    assert "(page 5 of 5)" in told


def test_numbers_end_at_the_same_place_and_long_names_are_cut() -> None:
    assert width("1.50", 10) == 20  # 3 x 556 + 278 thousandths of 10 points
    assert fitted("Lending", 100, 9) == "Lending"
    cut = fitted("A team with a very long name indeed", 60, 9)
    assert cut.endswith("…")
    assert width(cut, 9) <= 60


def test_what_the_font_lacks_is_a_question_mark_and_the_bytes_are_the_same_twice() -> None:
    assert "(??? 1)" in written(pdf(sheet(name="模型组")))
    assert pdf(sheet()) == pdf(sheet())
