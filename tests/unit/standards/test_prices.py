"""Prices: what may be published, which one holds, what an amount is worth elsewhere."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from services.kernel.error import InvalidInput
from services.kernel.money import Money
from services.standards.price import rules
from services.standards.price.service import sample
from services.standards.price.types import Exchange, Market, Price, PriceForm, Term

NOVEMBER, DECEMBER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
H100 = PriceForm("gpu:h100", "gpu-hour", Market(), Money("USD", 5_000_000), NOVEMBER, DECEMBER, "price list")  # fmt: skip


def price(form: PriceForm, price_id: str = "p") -> Price:
    return Price(
        price_id, form.sku, form.unit, form.market, form.amount, form.starts_at, form.ends_at,
        form.source, form.sample, "olga", NOVEMBER,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"amount": Money("USD", -1)}, "negative"),
        ({"amount": Money("USD", 10**9 * 10**6 + 1)}, "thousand million"),
        ({"ends_at": NOVEMBER}, "ends before it begins"),
        ({"starts_at": datetime(2026, 11, 1)}, "time zone"),
        ({"unit": "fortnight"}, "is no unit"),
        ({"unit": "cpu-hour"}, "sold by the gpu-hour"),
        ({"sku": "GPU H100"}, "is no sku"),
        ({"source": " "}, "is empty"),
    ],
)
def test_a_price_that_cannot_be_used_is_refused_in_words(change: dict, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        rules.checked(replace(H100, **change))


def test_a_thousand_million_is_still_a_price() -> None:
    assert rules.checked(replace(H100, amount=Money("USD", 10**15))).amount.micros == 10**15


def test_a_price_holds_until_the_instant_where_the_next_begins() -> None:
    later = replace(H100, starts_at=DECEMBER, ends_at=None, amount=Money("USD", 4_000_000))
    rules.refuse_overlap(later, [H100])
    both = [price(H100, "old"), price(later, "new")]
    for at, wanted in ((NOVEMBER, "old"), (DECEMBER, "new")):
        found = rules.choose(both, "gpu:h100", at, Market())
        assert found is not None
        assert found.price_id == wanted
    assert rules.choose(both, "gpu:h100", datetime(2026, 10, 31, tzinfo=UTC), Market()) is None


@pytest.mark.parametrize("until", [None, DECEMBER])
def test_two_prices_of_one_thing_never_hold_at_once(until: datetime | None) -> None:
    middle = replace(H100, starts_at=datetime(2026, 11, 15, tzinfo=UTC), ends_at=until)
    for one, other in ((middle, H100), (H100, middle)):
        with pytest.raises(InvalidInput, match="end that one first"):
            rules.refuse_overlap(one, [other])
    rules.refuse_overlap(replace(middle, market=Market(term=Term.SPOT)), [H100])
    rules.refuse_overlap(replace(middle, market=Market("aws")), [H100])


def test_the_nearest_price_is_chosen_and_a_term_is_never_replaced() -> None:
    anywhere = price(H100, "anywhere")
    aws = price(replace(H100, market=Market("aws")), "aws")
    ireland = price(replace(H100, market=Market("aws", "eu-west-1")), "ireland")
    for known, asked, wanted in (
        ([anywhere, aws, ireland], Market("aws", "eu-west-1"), "ireland"),
        ([anywhere, aws], Market("aws", "eu-west-1"), "aws"),
        ([anywhere, ireland], Market("gcp"), "anywhere"),
    ):
        found = rules.choose(known, "gpu:h100", NOVEMBER, asked)
        assert found is not None
        assert found.price_id == wanted
    assert rules.choose([anywhere], "gpu:h100", NOVEMBER, Market(term=Term.SPOT)) is None
    assert rules.choose([ireland], "gpu:h100", NOVEMBER, Market()) is None


def test_an_amount_is_converted_by_a_known_rate_and_never_guessed() -> None:
    euro = Exchange("EUR", "USD", Decimal("1.25"), NOVEMBER, "ECB")
    assert rules.convert(Money("EUR", 4_000_000), "USD", [euro]) == Money("USD", 5_000_000)
    assert rules.convert(Money("USD", 5_000_000), "EUR", [euro]) == Money("EUR", 4_000_000)
    assert rules.convert(Money("JPY", 1), "USD", [euro]) is None
    assert rules.rate(price(H100), "CHF", [euro]) is None
    rated = rules.rate(price(H100), "EUR", [euro])
    assert rated is not None
    assert (rated.price_id, rated.each) == ("p", Money("EUR", 4_000_000))


@pytest.mark.parametrize("each", ["0", "-1", "NaN", "Infinity"])
def test_a_rate_between_currencies_is_a_number_above_zero(each: str) -> None:
    with pytest.raises(InvalidInput, match="above 0"):
        rules.checked_exchange(Exchange("EUR", "USD", Decimal(each), NOVEMBER, "ECB"))
    with pytest.raises(InvalidInput, match="two currencies"):
        rules.checked_exchange(Exchange("USD", "USD", Decimal(1), NOVEMBER, "ECB"))


def test_a_list_says_in_which_line_something_is_missing() -> None:
    head = ",".join(rules.COLUMNS).encode() + b"\n"
    good = b"cpu,cpu-hour,,,on_demand,USD,0.04,2026-11-01,,list\n"
    assert rules.read_list(head + good)[0].amount == Money("USD", 40_000)
    for line, words in (
        (b"cpu,cpu-hour,,,on_demand,USD,,2026-11-01,,list\n", "Line 3: cpu has no amount"),
        (b"cpu,cpu-hour,,,on_demand,usd,1,2026-11-01,,list\n", "Line 3: 'usd' is no currency"),
        (b"cpu,cpu-hour,,,cheap,USD,1,2026-11-01,,list\n", "Line 3: 'cheap' is no term"),
        (b"cpu,cpu-hour,,,on_demand,USD,1,soon,,list\n", "Line 3: 'soon' is no date"),
        (b"cpu,cpu-hour,,,on_demand,USD,1e-9,2026-11-01,,list\n", "Line 3: '1e-9' is finer"),
    ):
        with pytest.raises(InvalidInput, match=words):
            rules.read_list(head + good + line)
    with pytest.raises(InvalidInput, match="lacks the column 'unit'"):
        rules.read_list(b"sku,amount\ncpu,1\n")
    with pytest.raises(InvalidInput, match="is empty"):
        rules.read_list(head)
    with pytest.raises(InvalidInput, match="not CSV in UTF-8"):
        rules.read_list(b"\xff\xfe\x00")


def test_every_sample_price_says_that_it_is_one() -> None:
    read = rules.read_list(sample(), sample=True)
    assert {"cpu", "memory", "gpu:h100"} <= {each.sku for each in read}
    assert all(each.sample and each.source.startswith("Sample") for each in read)
