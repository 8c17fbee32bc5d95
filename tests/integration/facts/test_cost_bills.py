"""What was imported is kept with its digest, what it came to, and the rows that were refused."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.facts.cost.importing import CostImports
from services.facts.cost.service import Ledger
from services.kernel.error import InvalidInput, SourceUnavailable
from services.kernel.identity import SYSTEM
from services.record.trail.unit_of_work import Store
from services.workflows.costing import fetching
from tests.support.receiver import receiving

ROWS = "date,model,amount,currency,environment\n2026-11-03,loan,5,USD,lab\n2026-11-04,,2,USD,lab\n"


def test_a_file_with_a_refused_row_is_shown_and_read_again(store: Store, tmp_path: Path) -> None:
    imports = CostImports(store, Ledger())
    place = tmp_path / "costs.csv"
    place.write_text(ROWS + "soon,loan,1,USD,lab\n")
    for new in (2, 0):
        told = imports.take(SYSTEM, "csv", str(place))
        assert (told.new, told.refusals, told.known_since) == (new, 1, None)
    place.write_text(ROWS)
    assert imports.take(SYSTEM, "csv", str(place)).known == 2
    assert imports.take(SYSTEM, "csv", str(place)).known_since is not None
    with store.reading() as session:
        whole, _, first = imports.all(session)
    assert (first.rows, first.new, first.refused, first.unallocated) == (3, 2, 1, 1)
    assert first.refusals == ((3, "date is 'soon', which is no instant."),)
    assert (first.billed, first.environments) == ({"USD": "7"}, ("lab",))
    assert first.starts_at == datetime(2026, 11, 3, tzinfo=UTC)
    assert (whole.refused, whole.known, whole.form) == (0, 2, "csv")


def test_a_form_and_a_currency_that_cannot_be_are_refused(sqlite_store: Store) -> None:
    imports = CostImports(sqlite_store, Ledger())
    with pytest.raises(InvalidInput, match="no form of costs; write one of focus, opencost, csv"):
        imports.take_bytes(SYSTEM, "pdf", "a.pdf", b"")
    with pytest.raises(InvalidInput, match="says its currencies itself"):
        imports.take_bytes(SYSTEM, "csv", "a.csv", b"", currency="EUR")


def test_opencost_is_asked_by_its_address_only_where_that_may_lead(sqlite_store: Store) -> None:
    told = {"name": "a", "start": "2026-11-03T00:00:00Z", "end": "2026-11-04T00:00:00Z", "cpuCost": 1.5}  # fmt: skip
    with receiving() as receiver:
        receiver.body = json.dumps({"code": 200, "data": [{"a": told}]}).encode()
        with pytest.raises(InvalidInput, match="write https, or --inside"):
            fetching.allocations(receiver.url, inside=False)
        with pytest.raises(InvalidInput, match="inside this network"):
            fetching.allocations(receiver.url.replace("http:", "https:"), inside=False)
        assert receiver.got == []
        data = fetching.allocations(receiver.url, inside=True)
        receiver.answers = [302, 503]
        for status in (302, 503):
            with pytest.raises(SourceUnavailable, match=f"HTTP {status}"):
                fetching.allocations(receiver.url, inside=True)
    imports = CostImports(sqlite_store, Ledger())
    found = imports.take_bytes(SYSTEM, "opencost", receiver.url, data, currency="EUR")
    assert (found.rows, found.new, found.refusals) == (1, 1, 0)
    assert found.billed["EUR"] == 1.5
