"""What a kilowatt-hour emits: dated, by region, with its source."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.kernel.error import InvalidInput
from services.standards.grid import rules, service
from services.standards.grid.types import GridFactor, GridForm

AT = datetime(2026, 3, 1, tzinfo=UTC)


def factor(region: str, kg: str, year: int, *, sample: bool = False) -> GridFactor:
    at = datetime(year, 1, 1, tzinfo=UTC)
    return GridFactor(f"{region}-{kg}", region, Decimal(kg), at, "somebody", sample, "o", AT)


def test_the_newest_of_the_region_holds_and_the_worlds_where_there_is_none() -> None:
    known = [
        factor("WORLD", "0.48", 2023, sample=True), factor("DE", "0.38", 2023), factor("DE", "0.34", 2026),
        factor("DE", "0.30", 2027), factor("aws:eu-north-1", "0.02", 2025),
    ]  # fmt: skip
    assert [rules.choose(known, region, AT) for region in ("de", "aws:EU-north-1", "FR", "")] == [
        known[2], known[4], known[0], known[0],
    ]  # fmt: skip
    assert rules.choose(known[1:], "FR", AT) is None
    assert rules.choose(known, "DE", datetime(2022, 1, 1, tzinfo=UTC)) is None


def test_a_sample_gives_way_to_a_factor_somebody_published() -> None:
    known = [factor("DE", "0.38", 2025, sample=True), factor("DE", "0.36", 2024)]
    assert rules.choose(known, "DE", AT) is known[1]


@pytest.mark.parametrize(
    ("region", "kg", "words"),
    [("DE", "381", "grams"), ("DE", "-0.1", "must be 0 to 5"), ("DE", "NaN", "must be 0"), ("", "1", "region")],
)  # fmt: skip
def test_what_cannot_be_a_factor_is_refused(region: str, kg: str, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        rules.checked(GridForm(region, Decimal(kg), AT, "somebody"))
    with pytest.raises(InvalidInput, match="Line 2"):
        rules.read_list(f"region,kg_per_kwh,from,source\n{region},{kg},2026-01-01,x".encode())


def test_the_sample_says_that_it_is_one_and_where_it_is_from() -> None:
    found = rules.read_list(service.sample(), sample=True)
    assert {each.region for each in found} >= {"WORLD", "DE", "FR"}
    assert all(each.sample and "Sample" in each.source and "2023" in each.source for each in found)
