"""Costs that are told as plain CSV and by OpenCost, as lines of the ledger."""

import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.facts.cost import opencost, plain
from services.facts.cost.charge import Charge, Piece
from services.facts.cost.types import Bearer, CostKind, Use
from services.kernel.error import InvalidInput
from services.kernel.money import Money

HEAD = "date,until,model,version,team,kind,sku,unit,quantity,amount,currency,environment,id\n"
DAY = (datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC))


def read(text: str) -> Piece:
    [piece] = plain.pieces("costs.csv", io.BytesIO(text.encode()))
    return piece


def test_a_row_of_plain_csv_is_a_line_of_a_day() -> None:
    piece = read(HEAD + "2026-11-03,,loan,4,risk,training,gpu:h100,gpu-hour,2.5,12.34,EUR,lab,\n")
    [charge] = piece.charges
    entry = charge.entry
    assert entry.amount == Money("EUR", 12_340_000)
    assert entry.use == Use("gpu:h100", "gpu-hour", Decimal("2.5"))
    assert entry.bearer == Bearer("loan", 4, team="risk", environment="lab")
    assert (entry.kind, entry.starts_at, entry.ends_at) == (CostKind.TRAINING, *DAY)
    assert not entry.estimated
    assert (charge.billed, charge.effective) == (Decimal("12.34"), None)


def test_rows_that_say_the_same_are_two_and_a_restated_amount_is_the_same_row() -> None:
    row = "2026-11-03,,loan,,,,,,,{},USD,,\n"
    first = [c.entry.source_id for c in read(HEAD + row.format(1) + row.format(1)).charges]
    later = [c.entry.source_id for c in read(HEAD + row.format(2) + row.format(3)).charges]
    assert len(set(first)) == 2
    assert first == later
    [named] = read(HEAD + "2026-11-03,,loan,,,,,,,1,USD,,invoice-7\n").charges
    assert named.entry.source_id == "csv:invoice-7"


def test_a_row_without_an_amount_is_unpriced_and_a_credit_is_taken_off() -> None:
    rows = "2026-11-03,,loan,,,,,,,,USD,,\n2026-11-03,,loan,,,,,,,-5,USD,,\n"
    assert [c.entry.amount for c in read(HEAD + rows).charges] == [None, Money("USD", -5_000_000)]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("soon,,loan,,,,,,1,1,USD,,", "date is 'soon', which is no instant"),
        ("2026-11-03,2026-11-03,loan,,,,,,1,1,USD,,", "until is '2026-11-03', which is not after"),
        ("2026-11-03,,loan,four,,,,,1,1,USD,,", "version is 'four'; write its number"),
        ("2026-11-03,,loan,,,fun,,,1,1,USD,,", "kind is 'fun'; write one of training, search"),
        ("2026-11-03,,loan,,,,,,1,12 50,USD,,", "amount is '12 50', which is no number"),
        ("2026-11-03,,loan,,,,,,1,1e11,USD,,", "too large to be true"),
        ("2026-11-03,,loan,,,,,,1e30,1,USD,,", "A quantity must be a finite number"),
        ("2026-11-03,,loan,,,,,,1,1,dollars,,", "'dollars' is no currency"),
        ("2026-11-03,,loan,,,,,,1,1,USD,,a:c1", "id ends in ':c1', as corrections do"),
        (f"2026-11-03,,loan,,,,,,1,1,USD,,{'a' * 171}", "id has 171 characters; 170 is the most"),
        ("2026-11-03,,loan,,,,,,1,2,USD,,twice", "id is 'twice', which stands in this file before"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(row: str, words: str) -> None:
    piece = read(HEAD + "2026-11-03,,loan,,,,,,,1,USD,,twice\n" + row + "\n")
    assert (piece.rows, len(piece.charges)) == (2, 1)
    [(number, reason)] = piece.refused
    assert number == 1
    assert words in reason


def test_a_file_that_is_no_cost_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no column 'currency', so it is no plain cost file"):
        read("date,amount\n2026-11-03,1\n")


ALLOCATION: dict[str, Any] = {
    "name": "prod/trainer",
    "properties": {
        "cluster": "prod", "node": "n1", "namespace": "ml", "pod": "trainer-1",
        "labels": {"countersign_model": "loan", "team": "risk"},
    },
    "start": "2026-11-03T00:00:00Z", "end": "2026-11-04T00:00:00Z",
    "cpuCoreHours": 48.0, "cpuCost": 1.4400000000000002, "cpuCostAdjustment": -0.04,
    "ramByteHours": 2147483648, "ramCost": 0.0085, "gpuHours": 0, "gpuCost": 0,
    "pvByteHours": 1073741824, "pvCost": 0.0001, "networkCost": 0.25, "totalCost": 1.6586,
}  # fmt: skip


def told(*sets: dict[str, Any] | None) -> list[Piece]:
    text = json.dumps({"code": 200, "data": sets})
    return list(opencost.pieces("answer", io.BytesIO(text.encode())))


def by_sku(charges: Any) -> dict[str, Charge]:
    return {each.entry.use.sku: each for each in charges}


def test_an_allocation_is_charged_for_each_thing_that_it_held() -> None:
    [piece] = told({"prod/trainer": ALLOCATION})
    held = by_sku(piece.charges)
    assert set(held) == {"cpu", "memory", "volume", "network"}, "nothing is no line"
    assert held["cpu"].entry.amount == Money("USD", 1_400_000)
    assert held["cpu"].billed == Decimal("1.4000000000000002"), "never through a float"
    assert held["memory"].entry.use == Use("memory", "gb-hour", Decimal(2))
    assert held["volume"].entry.kind is CostKind.STORAGE
    entry = held["network"].entry
    assert entry.bearer == Bearer("loan", team="risk", environment="prod")
    assert (entry.starts_at, entry.ends_at) == DAY
    assert entry.estimated, "OpenCost reckons; nobody billed it"


def test_the_same_window_is_the_same_lines_and_another_currency_is_said() -> None:
    [one], [other] = told({"a": ALLOCATION}), told({"a": {**ALLOCATION, "cpuCost": 9}})
    assert [c.entry.source_id for c in one.charges] == [c.entry.source_id for c in other.charges]
    data = io.BytesIO(json.dumps({"data": [{"a": ALLOCATION}]}).encode())
    [piece] = opencost.pieces("answer", data, "EUR")
    assert {c.currency for c in piece.charges} == {"EUR"}


def test_what_nobody_used_is_idle() -> None:
    [piece] = told({"i": {**ALLOCATION, "name": "__idle__", "properties": {"cluster": "prod"}}})
    assert {c.entry.kind for c in piece.charges} == {CostKind.IDLE}
    assert {c.entry.bearer.model for c in piece.charges} == {""}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"start": None}, "start is '', which is no instant"),
        ({"cpuCost": True}, "cpuCost is no number"),
        ({"cpuCost": "free"}, "cpuCost is 'free', which is no number"),
        ({"cpuCost": -50}, "is negative"),
        ({"cpuCost": 1e15}, "too large to be true"),
        ({"start": "2026-11-05T00:00:00Z"}, "is a clock wrong"),
    ],
)
def test_an_allocation_that_cannot_be_used_is_named(change: dict[str, Any], words: str) -> None:
    [piece] = told({"a": {**ALLOCATION, **change}, "b": ALLOCATION})
    [(number, reason)] = piece.refused
    assert number == 0
    assert words in reason
    assert len(piece.charges) == 4


def test_an_allocation_that_comes_again_in_an_answer_is_named() -> None:
    first, second = told({"a": ALLOCATION, "b": ALLOCATION}, {"a": {**ALLOCATION, "cpuCost": 7}})
    assert [len(first.charges), len(second.charges)] == [4, 0]
    assert [why[:45] for _, why in (*first.refused, *second.refused)] == [
        "This allocation stands in the answer before, "
    ] * 2


@pytest.mark.parametrize("text", ["", "<html>", "[" * 9000, '{"code": 200}', '{"data": [1]}', "7"])
def test_what_is_no_answer_of_opencost_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no answer of OpenCost"):
        list(opencost.pieces("answer", io.BytesIO(text.encode())))
    assert told(None, {}) == []
