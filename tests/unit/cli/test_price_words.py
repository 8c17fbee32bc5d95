"""What ``countersign price`` prints."""

import os
import sys
from typing import Any

import pytest

from services.cli import client
from services.cli.main import NOBODY_READS, main

PRICE = {
    "price_id": "p1", "sku": "gpu:h100", "amount": "5.00", "currency": "USD", "unit": "gpu-hour",
    "words": "on demand at aws", "starts_at": "2026-01-01T00:00:00Z", "ends_at": None, "sample": True,
}  # fmt: skip
RATE = {"base": "EUR", "quote": "USD", "each": "1.08", "starts_at": "2026-11-01T00:00:00Z"}


def test_prices_are_told_with_their_dates_and_samples_as_samples(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[Any] = []

    def get(path: str, **query: Any) -> Any:
        asked.append((path, query))
        return {"prices": [PRICE], "rates": [RATE]}

    monkeypatch.setattr(client, "get", get)
    assert main(["price", "list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "p1  gpu:h100  5.00 USD a gpu-hour  on demand at aws  since 2026-01-01  sample",
        "1 EUR = 1.08 USD since 2026-11-01",
    ]
    assert asked == [("/prices", {"all": None})]


def test_a_price_is_published_ended_and_refused_in_words(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COUNTERSIGN_HOME", str(tmp_path))
    given = ["price", "publish", "gpu:h100", "--unit", "gpu-hour", "--from", "2026-11-01", "--source", "contract"]  # fmt: skip
    assert main([*given, "--amount", "4.20"]) == 0
    price_id = capsys.readouterr().out.split()[0]
    for more, words in (
        (
            ["--amount", "4.10"],
            "has a price from 2026-11-01 until further notice; end that one first",
        ),
        (["--amount", "-1"], "is negative"),
        (["--amount", ""], "is no amount"),
        (["--amount", "1", "--currency", "dollars"], "is no currency"),
    ):
        assert main([*given, *more]) == 2
        assert words in capsys.readouterr().err
    assert main(["price", "end", price_id, "--at", "2026-12-01"]) == 0
    assert (
        main(["price", "rate", "EUR", "USD", "-1", "--from", "2026-11-01", "--source", "ecb"]) == 2
    )
    assert "must be a number above 0" in capsys.readouterr().err


def test_a_reader_that_left_is_no_error_to_be_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "get", lambda path, **query: {"prices": [PRICE] * 9, "rates": []})
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "w") as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        assert main(["price", "list"]) == NOBODY_READS
