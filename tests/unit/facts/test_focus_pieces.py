"""Pieces of a FOCUS file column by column, held against a reading row by row that shares no code."""

import hashlib
import json
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pyarrow as pa
import pytest

from services.facts.cost import cells, focus
from services.facts.cost.charge import Piece
from services.kernel.error import InvalidInput

START = datetime(2026, 11, 1, tzinfo=UTC)
AMOUNTS = ("0", "-1.5", "0.0000005", "0.0000015", "12.3456785", "1e-7", "9999999999.999999", "", None, "x", "NaN", "1e999999")  # fmt: skip
TAGS = ("", None, '{"model": "loan", "team": "risk"}', '{"team": "risk", "Model": "loan"}', '{"countersign.kind": "serving", "model": "b"}', "{")  # fmt: skip
Line = dict[str, Any]


def lines(count: int) -> list[Line]:
    chance = random.Random(7)
    return [
        {
            "BilledCost": chance.choice(AMOUNTS),
            "EffectiveCost": chance.choice(AMOUNTS),
            "BillingCurrency": chance.choice(("USD", "USD", "EUR", "usd")),
            "BillingAccountId": "account",
            "SubAccountId": chance.choice((None, "sub")),
            "ChargeCategory": chance.choice(("Usage", "Usage", "Tax", "Fun")),
            "ChargePeriodStart": (START + timedelta(hours=chance.randrange(3))).isoformat(),
            "ChargePeriodEnd": (START + timedelta(hours=chance.randrange(2, 6))).isoformat(),
            "ConsumedQuantity": chance.choice(("1", "0.1234567", None)),
            "ConsumedUnit": chance.choice(("Hours", None)),
            "ServiceCategory": chance.choice(("Compute", "Storage")),
            "ServiceName": "machines",
            "ResourceId": f"m-{chance.randrange(9)}",
            "SkuId": chance.choice(("sku", None)),
            "CommitmentDiscountStatus": chance.choice((None, None, "Unused")),
            "Tags": chance.choice(TAGS),
        }
        for _ in range(count)
    ]


def oracle(line: Line, seen: Counter[str]) -> tuple[Any, ...] | None:
    """What becomes of one row; None where it cannot be used."""
    try:
        tags = {k.lower(): v for k, v in json.loads(line["Tags"] or "{}").items()}
        period = [datetime.fromisoformat(line[f"ChargePeriod{each}"]) for each in ("Start", "End")]
    except ValueError:
        return None
    told = [line.get(name) or "" for name in focus.IDENTITY] + [each.isoformat() for each in period]
    text = "\x1f".join([*told, json.dumps(tags, sort_keys=True) if line["Tags"] else "{}"])
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    seen[digest] += 1
    costs = [line["BilledCost"], line["EffectiveCost"]]
    billed, effective = (Decimal(each) if each and each != "x" else None for each in costs)
    amount = billed if effective is None else effective
    if (
        {"x", "NaN"} & set(costs)
        or line["BillingCurrency"] == "usd"
        or line["ChargeCategory"] == "Fun"
        or period[1] < period[0]
        or (amount is not None and abs(amount) > 10**10)
    ):
        return None
    micros = None
    if amount is not None:
        micros = int((amount * 10**6).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    kind = "storage" if line["ServiceCategory"] == "Storage" else "other"
    kind = "idle" if line["CommitmentDiscountStatus"] else kind
    quantity = Decimal(line["ConsumedQuantity"] or 1).quantize(Decimal("1e-6"), ROUND_HALF_EVEN)
    return (
        f"focus:{digest}:{seen[digest]}", micros, line["BillingCurrency"], tags.get("model", ""),
        tags.get("team", ""), line["SubAccountId"] or "account", tags.get("countersign.kind", kind),
        line["SkuId"] or "machines", quantity, *period,
    )  # fmt: skip


def told(piece: Piece) -> list[tuple[Any, ...]]:
    return [
        (
            e.source_id, e.amount.micros if e.amount else None, each.currency, e.bearer.model,
            e.bearer.team, e.bearer.environment, e.kind.value, e.use.sku, e.use.quantity,
            e.starts_at, e.ends_at,
        )
        for each in piece.charges
        for e in [each.entry]
    ]  # fmt: skip


def test_columns_and_rows_say_the_same_to_the_millionth() -> None:
    rows = lines(4_000)
    batch = pa.RecordBatch.from_pylist(rows)
    seen: Counter[str] = Counter()
    parts = [focus.piece(batch.slice(start, 1_500), seen) for start in (0, 1_500, 3_000)]
    counted: Counter[str] = Counter()
    wanted = [oracle(line, counted) for line in rows]
    assert [each for part in parts for each in told(part)] == [w for w in wanted if w is not None]
    refused = [
        start + number
        for start, part in zip((0, 1_500, 3_000), parts, strict=True)
        for number, _ in part.refused
    ]
    assert refused == [number for number, each in enumerate(wanted) if each is None]
    assert len(refused) > 1_000
    assert max(counted.values()) > 1, "some charges stand twice"


def test_an_amount_as_large_as_a_number_can_be_is_refused_at_once() -> None:
    for amount in ("1e999999", "-1e999999", "10000000000.01"):
        with pytest.raises(InvalidInput, match="too large to be true"):
            cells.money(Decimal(amount), "USD")
    assert cells.money(Decimal("1e9"), "USD").decimal == "1000000000.00"


def test_an_instant_is_the_same_in_every_time_zone() -> None:
    wanted = datetime(2026, 11, 1, 11, tzinfo=UTC)
    for text in ("2026-11-01T12:00:00+01:00", "2026-11-01T11:00:00Z", "2026-11-01T11:00:00"):
        assert cells.instant("ChargePeriodStart", text) == wanted
