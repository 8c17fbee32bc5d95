"""Bills in the FOCUS form: each charge once, in whole millionths, and what cannot be read in words."""

import csv
import gzip
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from services.facts.cost import focus
from services.facts.cost.importing import CostImports, Imported
from services.facts.cost.service import Ledger
from services.kernel.error import InvalidInput
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.kernel.period import Period
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store

SAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "focus_sample.csv"
NOVEMBER = Period(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
# of the specification's cost and usage data, 1.0
COLUMNS = {
    "AvailabilityZone", "BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency",
    "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory", "ChargeClass",
    "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart",
    "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName",
    "CommitmentDiscountStatus", "CommitmentDiscountType", "ConsumedQuantity", "ConsumedUnit",
    "ContractedCost", "ContractedUnitPrice", "EffectiveCost", "InvoiceIssuerName", "ListCost",
    "ListUnitPrice", "PricingCategory", "PricingQuantity", "PricingUnit", "ProviderName",
    "PublisherName", "RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType",
    "ServiceCategory", "ServiceName", "SkuId", "SkuPriceId", "SubAccountId", "SubAccountName",
    "Tags",
}  # fmt: skip
Row = dict[str, Any]


def sample() -> list[Row]:
    with SAMPLE.open(newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[Row]) -> str:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return str(path)


def taken(store: Store, place: str, *, again: bool = False) -> Imported:
    return CostImports(store, Ledger()).focus(SYSTEM, place, again=again)


def totals(store: Store, *by: str) -> dict[tuple[str, ...], Money]:
    with store.reading() as session:
        return {each.key: each.amount for each in Ledger().totals(session, NOVEMBER, by)}


def test_the_sample_follows_the_specification() -> None:
    rows = sample()
    assert set(rows[0]) <= COLUMNS
    assert {row["ChargeCategory"] for row in rows} <= focus.CATEGORIES
    assert all("Sample" in row["ProviderName"] for row in rows)


def test_a_bill_is_given_to_models_by_its_tags(store: Store) -> None:
    found = taken(store, str(SAMPLE))
    assert (found.rows, found.new, found.known, found.refusals) == (8, 8, 0, 0)
    assert found.unallocated == 3
    assert found.billed == {"USD": Decimal("14.5363")}
    assert totals(store, "model", "kind") == {
        ("", "idle"): Money("USD", 3_666_667),
        ("", "other"): Money("USD", -1_266_000),
        ("flight-delay", "serving"): Money("USD", 5_800_000),
        ("flight-delay", "storage"): Money("USD", 2_300),
        ("flight-delay", "training"): Money("USD", 17_333_333),
    }
    assert sum(each.micros for each in totals(store, "kind").values()) == 25_536_300
    assert found.effective["USD"] == Decimal("25.5363")


def test_the_same_file_is_known_and_the_same_charges_of_another_are_too(
    store: Store, tmp_path: Path
) -> None:
    taken(store, str(SAMPLE))
    before = totals(store, "model")
    again = taken(store, str(SAMPLE))
    assert again.known_since == store.clock.now()
    assert (again.rows, again.new) == (0, 0)
    forced = taken(store, str(SAMPLE), again=True)
    assert (forced.new, forced.known, forced.restated, forced.corrections) == (0, 8, 0, 0)
    packed = tmp_path / "later.csv.gz"
    with SAMPLE.open("rb") as source, gzip.open(packed, "wb") as file:
        shutil.copyfileobj(source, file)
    typed = tmp_path / "later.parquet"
    parquet.write_table(_typed(sample()), typed)
    for place in (packed, typed):
        later = taken(store, str(place))
        assert (later.new, later.known, later.restated) == (0, 8, 0), place
    assert totals(store, "model") == before


def _typed(rows: list[Row]) -> pa.Table:
    """The sample as providers write Parquet: decimals, instants, tags as a map."""
    held: dict[str, Any] = {name: [row[name] or None for row in rows] for name in rows[0]}
    for name in ("BilledCost", "EffectiveCost", "ConsumedQuantity", "PricingQuantity"):
        held[name] = [Decimal(v) if v else None for v in held[name]]
    for name in ("ChargePeriodStart", "ChargePeriodEnd"):
        held[name] = [datetime.fromisoformat(v) for v in held[name]]
    tags = [list(json.loads(v).items()) if v else None for v in held.pop("Tags")]
    table = pa.table(held)
    return table.append_column("Tags", pa.array(tags, pa.map_(pa.string(), pa.string())))


def restated(store: Store, tmp_path: Path, change: Row, *, at: int = 0) -> Imported:
    rows = sample()
    rows[at] |= change
    return taken(store, write(tmp_path / "restated.csv", rows), again=True)


def test_a_restated_charge_is_corrected_by_the_difference(store: Store, tmp_path: Path) -> None:
    taken(store, str(SAMPLE))
    before = totals(store)[()].micros
    dearer = {"EffectiveCost": "10.01", "ConsumedQuantity": "3"}
    for corrected in (1, 0):
        found = restated(store, tmp_path, dearer)
        assert (found.new, found.known, found.restated) == (0, 8, corrected)
        assert totals(store)[()].micros == before + 10_000
    assert found.corrected == {}
    assert restated(store, tmp_path, {"EffectiveCost": "9"}).corrected == {"USD": Money("USD", -1_010_000)}  # fmt: skip
    assert totals(store)[()].micros == before - 1_000_000
    back = restated(store, tmp_path, {})
    assert (back.restated, back.corrections) == (1, 1)
    assert totals(store)[()].micros == before
    with store.reading() as session:
        lines = Ledger().of_model(session, "flight-delay", NOVEMBER)
        [first] = [each for each in lines if each.entry.amount == Money("USD", 10_000_000)]
        more = [each for each in lines if each.entry.corrects == first.entry.source_id]
        events = Trail(store).search(session, action="cost:corrected")
    assert [each.entry.amount.micros for each in more if each.entry.amount] == [
        10_000,
        -1_010_000,
        1_000_000,
    ]
    assert sum(each.entry.use.quantity for each in [first, *more]) == first.entry.use.quantity
    assert {each.entry.starts_at for each in more} == {first.entry.starts_at}, "in its own month"
    assert not any(each.entry.estimated for each in more)
    assert {each.payload["file"] for each in events} >= {found.sha256, back.sha256}
    assert {each.event_seq for each in more} == {each.seq for each in events}


def test_a_charge_in_another_currency_is_taken_back_and_charged_anew(
    store: Store, tmp_path: Path
) -> None:
    place = tmp_path / "costs.csv"
    told: list[Imported] = []
    for amount in ("5,USD", "5,EUR", "5,EUR", "4,EUR", ",EUR", "5,USD"):
        place.write_text(f"date,amount,currency,id\n2026-11-03,{amount},a\n")
        told.append(CostImports(store, Ledger()).take(SYSTEM, "csv", str(place), again=True))
    assert [each.restated for each in told] == [0, 1, 0, 1, 0, 1]
    with store.reading() as session:
        found = Ledger().totals(session, NOVEMBER)
        assert {each.amount for each in found} == {Money("USD", 5_000_000), Money("EUR", 0)}
        assert Ledger().unpriced(session, NOVEMBER) == {}


def test_a_charge_that_stands_twice_in_a_file_is_two_charges(store: Store, tmp_path: Path) -> None:
    rows = [sample()[0], sample()[0]]
    assert taken(store, write(tmp_path / "two.csv", rows)).new == 2
    assert totals(store)[()] == Money("USD", 20_000_000)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"BilledCost": "12,50", "EffectiveCost": ""}, "BilledCost is '12,50', which is no number"),
        ({"EffectiveCost": "NaN"}, "EffectiveCost is not finite"),
        ({"EffectiveCost": "1e12"}, "too large to be true"),
        ({"BillingCurrency": "credits"}, "'credits' is no currency"),
        ({"ChargePeriodStart": "soon"}, "ChargePeriodStart is 'soon', which is no instant"),
        ({"ChargePeriodEnd": "2026-11-01T00:00:00Z"}, "is a clock wrong"),
        ({"ChargeCategory": "Fun"}, "ChargeCategory is 'Fun', which is none"),
        ({"Tags": "{"}, "Tags is not JSON"),
        ({"Tags": "[1]"}, "Tags is no JSON object"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_the_others_are_stored(
    sqlite_store: Store, tmp_path: Path, change: Row, words: str
) -> None:
    rows = sample()
    rows[3] |= change
    place = write(tmp_path / "bad.csv", rows)
    found = taken(sqlite_store, place)
    assert (found.new, found.refusals) == (7, 1)
    [(number, reason)] = found.refused
    assert number == 4
    assert words in reason
    assert taken(sqlite_store, place).known_since is None, "it was not stored to its last row"


def test_a_row_without_a_cost_is_unpriced_and_never_nothing(
    sqlite_store: Store, tmp_path: Path
) -> None:
    rows = sample()[:1]
    rows[0] |= {"BilledCost": "", "EffectiveCost": ""}
    taken(sqlite_store, write(tmp_path / "none.csv", rows))
    with sqlite_store.reading() as session:
        assert Ledger().totals(session, NOVEMBER) == []
        assert Ledger().unpriced(session, NOVEMBER) == {(): 1}


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("bill.csv", lambda b: b.replace(b"BilledCost", b"Cost"), "no column 'BilledCost'"),
        ("bill.txt", lambda b: b, "neither .parquet nor .csv"),
        ("bill.parquet", lambda b: b, "cannot be read to its end"),
        ("bill.csv.gz", lambda b: gzip.compress(b)[:200], "cannot be read to its end"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(
    sqlite_store: Store,
    tmp_path: Path,
    name: str,
    change: Callable[[bytes], bytes],
    words: str,
) -> None:
    place = tmp_path / name
    place.write_bytes(change(SAMPLE.read_bytes()))
    with pytest.raises(InvalidInput, match=words):
        taken(sqlite_store, str(place))


def test_a_file_is_an_entry_of_the_trail(sqlite_store: Store) -> None:
    found = taken(sqlite_store, str(SAMPLE))
    with sqlite_store.reading() as session:
        events = Trail(sqlite_store).search(session, subject=("file", found.sha256))
    [event] = events
    assert event.action == "cost:imported"
    assert event.payload["billed"] == {"USD": "14.5363"}
