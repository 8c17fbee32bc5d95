"""What ``countersign cost`` prints."""

import json
from typing import Any

import pytest

from services.cli import client
from services.cli.main import main

ANSWER = {
    "period": "2026-11",
    "totals": [
        {"key": {"model": "loan"}, "amount": "12.50", "currency": "USD", "lines": 3, "unpriced": 1},
        {"key": {"model": ""}, "amount": "0.0023", "currency": "EUR", "lines": 1, "unpriced": 0},
    ],
    "unpriced": 1,
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    heard: list[Any] = []

    def get(path: str, **query: Any) -> Any:
        heard.append((path, query))
        return ANSWER

    monkeypatch.setattr(client, "get", get)
    return heard


def test_a_month_is_told_with_what_has_no_price(
    asked: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cost", "total", "--period", "2026-11", "--by", "model"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "loan  12.50 USD  3 lines",
        "(nobody)  0.0023 EUR  1 line",
        "1 line without a price: what stands above is not all.",
    ]
    assert asked == [
        (
            "/cost",
            {"period": "2026-11", "by": "model", "model": None, "team": None, "currency": None},
        )
    ]


def test_machines_read_the_answer_as_it_is(
    asked: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cost", "total", "--period", "2026-11", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unpriced"] == 1
    assert len(asked) == 1
