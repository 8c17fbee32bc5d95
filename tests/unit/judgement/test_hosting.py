"""Own hosts against paying by request: worked examples, and what is not known is never reckoned."""

from dataclasses import replace

import pytest

from services.judgement.saving.hosting import Load, Offer, by_request, compare, fewer
from services.judgement.saving.serving import Spent
from services.judgement.saving.types import Confidence
from services.kernel.money import Money

LOAD = Load(1_000_000, 3_000.0, 12_600.0, 0.5)
"""12,600 requests in an hour, half a second each: 1.75 at once, so 2.5 and thus 3 hosts."""
OFFER = Offer(Money.parse("0.10", "USD"), Money.parse("0.0002", "USD"), Money.parse("0.12", "USD"))


def test_both_ways_are_reckoned_for_thirty_days() -> None:
    found = compare(LOAD, OFFER)
    assert found.hosts == 3
    assert found.own == Money.parse("216.00", "USD")  # 3 * 720 h * 0.10
    # a request: 0.0000002 and 0.5 s of 0.12 an hour
    assert found.by_request == Money("USD", 16_866_667)
    assert found.even == pytest.approx(216 / (0.0002 / 1000 + 0.12 * 0.5 / 3600))
    assert found.enough == pytest.approx(3 * 720 * 0.7 * 3600 / 0.5)
    assert (found.is_request_cheaper, found.is_never_even) == (True, True)


def test_hosts_cost_less_from_so_many_requests_on() -> None:
    cheap = replace(OFFER, host=Money.parse("0.01", "USD"))
    found = compare(LOAD, cheap)
    assert found.even == pytest.approx(21.6 / 1.6866667e-5, rel=1e-6)
    assert not found.is_never_even
    more = compare(replace(LOAD, requests=int(found.even or 0) + 1_000), cheap)
    assert more.is_request_cheaper is False


def test_hosts_that_answer_several_at_once_are_fewer() -> None:
    assert compare(replace(LOAD, at_once=4), OFFER).hosts == 1


@pytest.mark.parametrize(
    ("load", "offer", "words"),
    [
        (replace(LOAD, seconds=None), OFFER, ("how long an answer takes",)),
        (LOAD, Offer(None, None, None, ("what serves it",)), ("what serves it",)),
    ],
)
def test_what_nobody_knows_is_named_and_nothing_is_reckoned(
    load: Load, offer: Offer, words: tuple[str, ...]
) -> None:
    found = compare(load, offer)
    assert found.unknown == words
    assert (found.own, found.by_request, found.even, found.is_request_cheaper) == (None,) * 4


def test_fewer_hosts_are_recommended_where_more_were_paid_for_than_the_peak_needs() -> None:
    month, paid = Money.parse("600.00", "USD"), Spent(Money.parse("600.00", "USD"), measured=True)
    found = fewer("loan", LOAD, 6, paid, month)
    assert found is not None
    assert found.worth is not None
    # 6 are there, 3 are needed, 4 with one to spare, 1 in 95 of 100 hours
    assert [each.decimal for each in (found.worth.lo, found.worth.amount, found.worth.hi)] == [
        "200.00", "300.00", "500.00",
    ]  # fmt: skip
    assert found.costs == ("serving", "idle")
    assert fewer("loan", LOAD, 3, paid, month) is None
    assert fewer("loan", LOAD, 6, replace(paid, measured=False), month) is None


def test_paying_by_request_is_recommended_against_what_hosts_really_cost() -> None:
    found, paid = compare(LOAD, OFFER), Spent(Money.parse("216.00", "USD"), measured=True)
    assert paid.amount is not None
    made = by_request("loan", found, paid, paid.amount, ())
    assert made is not None
    assert made.worth is not None
    assert made.worth.amount == Money("USD", 216_000_000 - 16_866_667)
    # at worst 3,000 requests in every one of 720 hours
    assert made.worth.lo == Money("USD", 216_000_000 - 36_432_000)
    assert made.confidence is Confidence.MEDIUM
    assert by_request("loan", found, replace(paid, measured=False), paid.amount, ()) is None
    assert by_request("loan", found, paid, Money.parse("18.00", "USD"), ()) is None
    assert by_request("loan", found, paid, Money.parse("216.00", "EUR"), ()) is None
