"""What becomes known later is a difference, as lines of its own."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from services.facts.cost.correcting import difference, standing
from services.facts.cost.types import Bearer, CostKind, Entry, Line, Method, Use
from services.kernel.money import Money

AT = datetime(2026, 3, 14, 9, tzinfo=UTC)
BASE = Entry(
    "run:r:cpu", CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(2)), Money("USD", 80), Bearer("loan"),
    AT, AT, price_id="p", method=Method.DECLARED,
)  # fmt: skip


def after(lines: Sequence[Entry], *wanted: Entry) -> list[Entry]:
    """Return all lines once the wanted ones stand."""
    held = standing([Line(each, AT, n) for n, each in enumerate(lines)])
    return [*lines, *difference(held, wanted)]


def net(lines: Sequence[Entry]) -> dict[tuple[str, str, str], tuple[Decimal, int, int]]:
    """Return what is left by model, kind and sku: quantity, money, and lines without a price."""
    found: dict[tuple[str, str, str], tuple[Decimal, int, int]] = {}
    corrected = {each.corrects for each in lines}
    for each in lines:
        key = (each.bearer.model, each.kind.value, each.use.sku)
        quantity, money, unpriced = found.get(key, (Decimal(0), 0, 0))
        bare = each.amount is None and each.source_id not in corrected
        micros = each.amount.micros if each.amount else 0
        found[key] = (quantity + each.use.quantity, money + micros, unpriced + bare)
    return {key: each for key, each in found.items() if any(each)}


def test_what_stands_already_is_left() -> None:
    lines = after([], BASE)
    assert lines == [BASE]
    assert after(lines, BASE) == lines
    assert (
        after(lines, replace(BASE, amount=Money("USD", 99))) == lines
    )  # its price was another one


def test_more_hours_are_added_and_fewer_taken() -> None:
    lines = after([BASE], replace(BASE, use=replace(BASE.use, quantity=Decimal(3)), amount=Money("USD", 120)))  # fmt: skip
    assert [(e.source_id, e.corrects, e.amount) for e in lines[1:]] == [
        ("run:r:cpu:c1", "run:r:cpu", Money("USD", 40)),
    ]  # fmt: skip
    again = after(lines, BASE)
    assert net(again) == net([BASE])
    assert after(again, BASE) == again


def test_what_belongs_to_somebody_else_now_is_taken_away_whole() -> None:
    mine = replace(
        BASE, bearer=Bearer("churn", 3), kwh=Decimal(1), kwh_source="measured", kg=Decimal(2)
    )
    lines = after([BASE], mine)
    assert net(lines) == {("churn", "training", "cpu"): (Decimal(2), 80, 0)}
    back = after(lines, BASE)
    assert net(back) == net([BASE])
    assert sum(each.kwh or 0 for each in back) == sum(each.kg or 0 for each in back) == 0
    assert len({each.source_id for each in back}) == len(back)


def test_what_was_unpriced_is_priced_once_it_is_known_what_it_was() -> None:
    bare = replace(BASE, source_id="run:r:undeclared", use=Use("undeclared", "run-hour", Decimal(2)), amount=None, price_id="")  # fmt: skip
    lines = after([bare], BASE)
    assert net(lines) == net([BASE])
    longer = replace(bare, use=replace(bare.use, quantity=Decimal(5)))
    assert net(after([bare], longer)) == net([longer])
    priced = replace(bare, amount=Money("USD", 7), price_id="p")
    assert net(after(after([bare], longer), replace(priced, use=longer.use))) == {
        ("loan", "training", "undeclared"): (Decimal(5), 7, 0)
    }


def test_nothing_is_left_of_what_another_pays_for() -> None:
    assert net(after([BASE])) == {}
    assert after(after([BASE])) == after([BASE])
    assert net(after(after([BASE]), BASE)) == net([BASE])


def test_any_history_ends_at_what_is_wanted_last() -> None:
    rng = random.Random(7)
    for _ in range(300):
        lines: list[Entry] = []
        wanted: list[Entry] = []
        for _ in range(6):
            wanted = [
                replace(
                    BASE,
                    source_id=f"run:r:{sku}",
                    use=Use(sku, "cpu-hour", Decimal(hours := rng.randint(0, 3))),
                    bearer=Bearer(rng.choice(["loan", "churn"])),
                    amount=Money("USD", 40 * hours) if rng.random() < 0.7 else None,
                )
                for sku in rng.sample(["cpu", "memory", "gpu"], rng.randint(0, 3))
            ]
            lines = after(lines, *wanted)
        left, want = net(lines), net(wanted)
        keeps = {key: each[:1] for key, each in left.items() if each[0]}
        assert keeps == {key: each[:1] for key, each in want.items() if each[0]}
        assert len({each.source_id for each in lines}) == len(lines)
        for each in wanted:
            key = (each.bearer.model, "training", each.use.sku)
            if each.amount is not None:
                assert left.get(key, (0, 0, 0))[1:] == (each.amount.micros, 0)


def test_what_a_bill_took_back_is_no_reason_to_charge_again() -> None:
    lowered = replace(
        BASE, source_id="reconciled:acme:1", corrects=BASE.source_id, amount=Money("USD", -30),
        use=replace(BASE.use, quantity=Decimal(-1)),
    )  # fmt: skip
    assert after([BASE, lowered], BASE) == [BASE, lowered]
