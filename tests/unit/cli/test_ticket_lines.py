"""A ticket in lines: all that a person is to know before allowing it, and how it goes."""

from typing import Any

from services.cli.ticket_lines import attempt, grounds

QUOTE: dict[str, Any] = {
    "currency": "USD", "likely": {"amount": "0.31", "currency": "USD"}, "lo": {"amount": "0.25", "currency": "USD"},
    "hi": {"amount": "0.40", "currency": "USD"}, "seconds": 62.0, "seconds_lo": 50.0, "seconds_hi": 80.4,
    "gpu_hours": 1.5, "kwh": 2.13, "method": "", "month": {"amount": "200.00", "currency": "USD"},
    "left": {"amount": "12.5", "currency": "USD"},
}  # fmt: skip
TICKET: dict[str, Any] = {
    "cause": {"words": "temp drifted."}, "changes": ["parameters.rate is 0.2; it was 0.1."],
    "data": {"rows": 1200, "sha256": "ab" * 32, "refused": []},
    "data_report": {"before": {"rows": 1000}, "warnings": ["'rain' is new since the last snapshot."]},
    "quote": QUOTE, "quorum": {"operator": 1, "validator": 2}, "beside": ["t-9"],
}  # fmt: skip


def test_a_ticket_says_why_what_changes_what_it_costs_and_who_must_allow_it() -> None:
    assert grounds(TICKET) == [
        "because: temp drifted.",
        "recipe: parameters.rate is 0.2; it was 0.1.",
        "data: 1,200 rows, SHA-256 abababababab…; 1,000 in the last training",
        "data: 'rain' is new since the last snapshot.",
        "likely: 0.31 USD [0.25, 0.40], 62 s [50, 80]",
        "at most: 1.5 GPU-hours, 2.13 kWh",
        "budget left: 12.5 of 200.00 USD this month",
        "must approve: 1 operator, 2 validator, in the browser",
        "also open for this model: t-9",
    ]


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    quote = {**QUOTE, "likely": None, "lo": None, "hi": None, "kwh": None, "left": None, "method": "0 past runs"}  # fmt: skip
    said = grounds({**TICKET, "quote": quote, "data": None, "data_report": None, "beside": [], "quorum": {}})  # fmt: skip
    assert said[2:] == [
        "likely: not known yet; 0 past runs",
        "at most: 1.5 GPU-hours, energy unknown",
        "budget left: unknown of 200.00 USD this month",
    ]


def test_an_attempt_says_how_it_goes() -> None:
    live = {
        "step": 7, "metrics": {"loss": 0.25, "odd": "nan"}, "usage": {"gpu_busy_share": 0.873},
        "resumed_from": "epoch 5", "warning": "80 % are used.", "spent_micros": 310_000, "currency": "USD",
    }  # fmt: skip
    each = {"number": 2, "engine": "ray", "state": "running", "resumed_from": "", "reason": ""}
    assert attempt({**each, "live": live}) == (
        "attempt 2 on ray: running, resumed at epoch 5, step 7, loss 0.25, GPU 87 % busy, "
        "0.3100 USD so far, 80 % are used."
    )
    assert attempt({**each, "live": None, "reason": "It was lost."}).endswith(
        "running, It was lost."
    )
