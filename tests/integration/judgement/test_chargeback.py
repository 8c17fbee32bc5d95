"""What teams owe for a month: the same sums on paper, in the CSV and in a direct query."""

import csv
import io
import zlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.facts.cost.service import Ledger
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.judgement.spending.chargeback import Chargebacks
from services.kernel.error import InvalidInput, NotPermitted
from services.kernel.identity import SYSTEM, Role
from services.kernel.money import Money
from services.people.account.types import Grant, Principal
from services.people.team.service import Teams
from services.record.archive.service import Archive
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.governance.service import Governance

AT, MONTH = datetime(2026, 3, 14, 9, tzinfo=UTC), date(2026, 3, 1)


def who(role: Role, kind: str = "everything", scope: str = "") -> Principal:
    return Principal("p", "P", "p@example.org", (Grant("p", role, kind, scope),), (), "s", AT)


def line(source: str, micros: int | None, model: str, team: str, **more: Any) -> Entry:
    at = more.pop("at", AT)
    amount = Money(more.pop("currency", "USD"), micros) if micros is not None else None
    bearer = Bearer(model, team=team)
    use = Use("cpu", "cpu-hour", Decimal(1))
    return Entry(source, CostKind.SERVING, use, amount, bearer, at, at + timedelta(hours=1))


@pytest.fixture
def chargebacks(store: Store, tmp_path: Path) -> Chargebacks:
    authority = Authority()
    teams = Teams(store)
    teams.create(SYSTEM, "lending", "=Lending")
    with store.unit(SYSTEM) as unit:
        Ledger().add(unit, [
            line("a", 1_234_567, "loan", "lending"), line("b", 1, "loan", "lending"),
            line("c", 10**15 + 3, "churn", "labs"), line("d", None, "churn", "labs"),
            line("e", 5, "", "", currency="EUR"), line("f", 7, "loan", "lending", at=AT - timedelta(days=30)),
        ])  # fmt: skip
    return Chargebacks(
        store, Archive(str(tmp_path / "archive")), authority, Governance(store, authority), teams
    )


def test_csv_paper_and_a_direct_query_say_the_same_to_the_millionth(
    store: Store, chargebacks: Chargebacks
) -> None:
    made = chargebacks.export(who(Role.AUDITOR), MONTH, "csv")
    rows = list(csv.DictReader(io.StringIO(made.data.decode())))
    told = sum(int(row["amount_micros"]) for row in rows if row["currency"] == "USD")
    with store.reading() as session:
        direct = session.execute(
            sa.text("SELECT sum(micros) FROM cost_entry WHERE currency = 'USD' AND starts_at >= '2026-03-01'")
        ).scalar_one()  # fmt: skip
    assert told == direct == 10**15 + 1_234_571
    assert [row["unpriced_lines"] for row in rows if row["model"] == "churn"] == ["1", "0"]
    assert {row["team"] for row in rows} == {"(no team)", "labs", "'=Lending"}
    paper = chargebacks.export(who(Role.AUDITOR), MONTH, "pdf").data
    start = paper.index(b"stream\n") + 7
    page = zlib.decompress(paper[start:]).decode("cp1252")
    assert "(1000000001.234571 USD)" in page
    assert "(=Lending in all)" in page
    assert "(Lines without a price, not in the amounts: 1.)" in page


def test_an_export_is_kept_and_stands_in_the_trail(store: Store, chargebacks: Chargebacks) -> None:
    made = chargebacks.export(who(Role.OWNER), MONTH, "pdf")
    with store.reading() as session:
        [event] = Trail(store).search(session, action="export:made", limit=2)
    assert event.payload["sha256"] == made.sha256
    assert event.payload["amounts"] == {"EUR": "0.000005", "USD": "1000000001.234571"}


def test_one_takes_along_what_is_ones_own(chargebacks: Chargebacks, store: Store) -> None:
    mine = who(Role.OWNER, "team", "labs")
    with store.reading() as session:
        assert chargebacks.charges(session, mine, MONTH) == []  # churn is governed by nobody
    with pytest.raises(NotPermitted):
        chargebacks.export(who(Role.VIEWER), MONTH, "csv")
    with pytest.raises(InvalidInput):
        chargebacks.export(who(Role.OWNER), AT.date(), "csv")
