"""Parameters as people write them into the form that opens a ticket."""

import pytest

from console.actions.tickets import pairs
from services.kernel.error import InvalidInput


def test_parameters_are_names_and_values_with_commas_between() -> None:
    assert pairs(" rate=0.2, note = a=b ,leaves=31,") == {"rate": "0.2", "note": "a=b", "leaves": "31"}  # fmt: skip
    assert pairs("") == {}


@pytest.mark.parametrize("wrong", ["rate", "=3", "rate=1, leaves"])
def test_what_sets_nothing_is_refused_with_how_to_write_it(wrong: str) -> None:
    with pytest.raises(InvalidInput, match="write name=value"):
        pairs(wrong)
