"""Text from outside."""

import pytest

from services.kernel.error import InvalidInput
from services.kernel.text import clean, one_line, visible


@pytest.mark.parametrize("wrong", ["a\x00b", "a\x1b[2K", "credit\u202egnp", "half \ud800"])
def test_hidden_characters_are_refused_by_code_point(wrong: str) -> None:
    with pytest.raises(InvalidInput, match=r"U\+"):
        clean(wrong, limit=100, what="The name")


def test_the_same_letter_is_written_one_way() -> None:
    assert clean("caf\u0065\u0301", limit=10, what="x") == "caf\u00e9"


def test_a_line_break_stays_in_a_text_and_not_in_a_line() -> None:
    assert clean("a\r\nb", limit=10, what="x") == "a\nb"
    with pytest.raises(InvalidInput):
        one_line("a\nb", limit=10, what="x")


def test_too_long_says_how_long() -> None:
    with pytest.raises(InvalidInput, match="10,000"):
        clean("x" * 10_000, limit=300, what="The name")


def test_hidden_characters_are_spelled_out_for_a_log() -> None:
    assert visible("line1\nERROR\u202e") == "line1\\u000aERROR\\u202e"
