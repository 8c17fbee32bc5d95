"""What custody kept out of the log is told from what a sender left out."""

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from services.facts.prediction.rules import digest_of
from services.facts.prediction.types import FREE, Custody
from services.facts.prediction.withheld import Decision, withheld
from services.kernel.period import Period
from tests.unit.facts.log_rows import END, START

DAY = timedelta(days=1)
DIGEST = digest_of("Ada", b"key")
NO_MAIL, NO_COLUMN = Custody(dropped=frozenset({"mail"})), Custody(dropped=frozenset({"f_mail"}))
HASHED = Custody(hashed=frozenset({"mail"}))


def of(values: Any, *decided: tuple[int, Custody]) -> dict[str, str]:
    """Return what became of a feature in a window, with what was decided so many days after it began."""
    table = pa.table({"f_age": [1.0, 2.0], **({} if values is None else {"f_mail": values})})
    decisions = [Decision(START + day * DAY, custody) for day, custody in decided]
    return withheld(table, ["f_age", "f_mail"], decisions, Period(START, END))


EMPTY = pa.array([None, None], pa.string())


@pytest.mark.parametrize("values", [None, EMPTY])
@pytest.mark.parametrize("custody", [NO_MAIL, NO_COLUMN])
def test_a_column_that_is_dropped_was_not_forgotten_by_its_sender(
    values: Any, custody: Custody
) -> None:
    assert of(values) == {}
    assert of(values, (-9, custody)) == {"f_mail": "dropped"}
    assert of(values, (40, custody)) == {"f_mail": "dropped"}, "the rows came in later"
    assert of(values, (-9, custody), (-8, FREE)) == {}, "it was let in again before"


def test_a_part_of_a_window_is_explained_by_a_decision_within_it_alone() -> None:
    half = pa.array(["a@b", None])
    assert of(half, (0, FREE), (40, NO_MAIL)) == {}
    assert of(half, (-9, NO_MAIL)) == {"f_mail": "dropped"}
    assert of(pa.array(["a@b", "c@d"]), (-9, NO_MAIL)) == {}, "nothing is missing"


def test_digests_are_no_new_categories() -> None:
    assert of([DIGEST, DIGEST]) == {}
    assert of([DIGEST, DIGEST], (-9, HASHED)) == {"f_mail": "digested"}
    assert of(["a@b", "c@d"], (-9, HASHED)) == {}
