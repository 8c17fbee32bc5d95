import inspect

import pytest

from console import guard
from services.kernel import error
from services.kernel.error import CountersignError, NotFound, TrailBroken

ALL = [
    kind
    for _, kind in inspect.getmembers(error, inspect.isclass)
    if issubclass(kind, CountersignError) and kind is not CountersignError
]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_says_what_to_do_next(kind: type[CountersignError]) -> None:
    found = guard.advice(kind("A sentence."))
    assert found.then
    assert found.title != guard.advice(ValueError("x")).title


def test_the_seven_errors_have_seven_pieces_of_advice() -> None:
    seven = [kind for kind in ALL if kind.__base__ is CountersignError]
    assert len({guard.advice(kind("A sentence.")).title for kind in seven}) == 7


def test_a_leaf_without_advice_of_its_own_takes_that_of_its_kind() -> None:
    assert guard.advice(TrailBroken("x")) == guard.ADVICE[error.IntegrityBroken]
    assert guard.advice(NotFound("x")).status == "unknown"


def test_no_error_is_ever_green() -> None:
    assert "pass" not in {each.status for each in guard.ADVICE.values()}


def test_a_sentence_that_another_follows_has_its_full_stop() -> None:
    assert guard.whole("Line 1: the file is empty") == "Line 1: the file is empty."
    assert guard.whole("Was it cut off?") == "Was it cut off?"
