"""Hours, requests and energy by day, on each engine."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from services.facts.cost import repository
from services.facts.cost.service import Ledger
from services.facts.cost.types import Bearer, CostKind, Entry, Method, Use
from services.kernel.error import InvalidInput
from services.kernel.money import Money
from services.kernel.period import Period
from services.record.trail.unit_of_work import Store
from tests.integration.facts.test_ledger import AT, LEDGER, MARCH, add, line


def told(store: Store, *by: str) -> dict[tuple[str, ...], Decimal]:
    with store.reading() as session:
        found = Ledger().quantities(session, MARCH, by)
    return {(*each.key, each.unit, each.sku, each.method): each.quantity for each in found}


def test_units_are_added_up_by_how_they_are_known(store: Store) -> None:
    hours = replace(line("a:1", 5), kwh_source="measured by the GPUs", method=Method.ALLOCATION)
    guessed = replace(
        hours, source_id="a:2", kwh_source="estimated by its power", kg=Decimal("0.1"), grid_id="g",
        method=Method.DECLARED,
    )  # fmt: skip
    served = Entry(
        "s:1", CostKind.SERVING, Use("m5.large", "instance-hour", Decimal("0.000001")),
        Money("USD", 1), Bearer("churn", 2), AT, AT, requests=7_000_000, method=Method.REQUESTS,
    )  # fmt: skip
    billed = replace(line("f:1", 5), use=Use("J3", "Requests", Decimal(9)), kwh=None)
    add(store, hours, guessed, served, billed)
    assert told(store) == {
        ("cpu-hour", "", "allocation"): Decimal("0.5"),
        ("cpu-hour", "", "declared"): Decimal("0.5"),
        ("kwh", "", "measured"): Decimal("0.25"),
        ("kwh", "", "estimated"): Decimal("0.25"),
        ("kg-co2e", "", "estimated"): Decimal("0.1"),
        ("instance-hour", "m5.large", "requests"): Decimal("0.000001"),
        ("request", "", "requests"): Decimal(7_000_000),
    }
    assert told(store, "model")["churn", "request", "", "requests"] == 7_000_000
    with store.reading() as session, pytest.raises(InvalidInput, match="whole days"):
        LEDGER.quantities(session, Period(AT, AT + timedelta(hours=1)))


def test_a_correction_takes_hours_away(store: Store) -> None:
    add(store, line("a:1", 100), line("a:2", 100))
    less = replace(
        line("c:1", -60), corrects="a:1", use=Use("cpu", "cpu-hour", Decimal("-0.3")), kwh=None
    )
    add(store, less, action="cost:corrected")
    assert told(store, "kind")["training", "cpu-hour", "", ""] == Decimal("0.7")


def test_lines_tell_the_same_units_as_their_days_and_by_what_no_day_keeps(store: Store) -> None:
    run = replace(
        line("r:1", 5), bearer=Bearer("loan", 3, "abc", environment="aws/eu"), kg=Decimal("0.1"),
        kwh_source="measured by the GPUs", method=Method.DECLARED,
    )  # fmt: skip
    gpu = replace(
        run, source_id="r:2", use=Use("gpu:t4", "gpu-hour", Decimal("1.5")), kwh=None, kg=None
    )
    served = replace(
        gpu, source_id="s:1", use=Use("J3", "Requests", Decimal(9)), requests=7_000_000
    )
    taken = replace(
        gpu, source_id="r:2:c1", corrects="r:2", amount=Money("USD", -2),
        use=replace(gpu.use, quantity=Decimal("-0.5")),
    )  # fmt: skip
    add(store, run, gpu, served)
    add(store, taken, action="cost:corrected")
    assert told(store, "environment") == {("aws/eu", *key): n for key, n in told(store).items()}
    assert told(store, "run", "version")["abc", "3", "gpu-hour", "gpu:t4", "declared"] == 1
    with store.reading() as session:
        [total] = LEDGER.totals(session, MARCH, ["version", "run"])
    assert total.key == ("3", "abc")


def test_more_groups_than_anybody_reads_are_refused_with_what_to_ask_instead(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = line("r:1", 5)
    add(store, *(replace(run, source_id=f"r:{n}", bearer=Bearer(run_id=f"{n}")) for n in range(3)))
    monkeypatch.setattr(repository, "MOST_GROUPS", 2)
    with store.reading() as session:
        for asked in (LEDGER.totals, LEDGER.quantities):
            with pytest.raises(InvalidInput, match="more than 2 groups; ask for a day"):
                asked(session, MARCH, ["run"])
