"""Bills beside our own lines in the ledger: nothing is counted twice, and later lines are compared again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from services.facts.cost.covering import uncovered
from services.facts.cost.importing import CostImports
from services.facts.cost.reconciliations import Reconciliations
from services.facts.cost.service import Ledger
from services.facts.cost.types import Bearer, CostKind, Entry, Method, Use
from services.kernel.error import InvalidInput, NotPermitted
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from services.kernel.period import Period
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from services.workflows.costing.comparing import Comparing

HEAD = "date,model,amount,currency,environment\n"
BILL = HEAD + "{0}-03,loan,60,USD,account\n{0}-04,loan,40,USD,account\n{0}-04,,50,USD,account\n"
Book = tuple[Store, Reconciliations, datetime]


def permit(principal: Principal) -> None:
    if principal.actor.id != "olga":
        raise NotPermitted("Only an operator says what a bill pays for.")


@pytest.fixture
def book(store: Store) -> Book:
    start = store.clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return store, Reconciliations(store, Ledger(), permit), start


def person(name: str) -> Principal:
    return Principal(
        name, name, f"{name}@demo.example", (), (), "s", datetime(2026, 1, 1, tzinfo=UTC)
    )


def bill(book: Book, text: str = BILL) -> None:
    data = text.format(f"{book[2]:%Y-%m}").encode()
    CostImports(book[0], Ledger()).take_bytes(SYSTEM, "csv", "bill.csv", data)


def work(book: Book, source: str, model: str, amount: int, environment: str = "engine") -> None:
    at = book[2] + timedelta(days=5)
    line = Entry(
        source, CostKind.TRAINING, Use("cpu", "cpu-hour", Decimal(1)), Money("USD", amount * 10**6),
        Bearer(model, ticket_id="t", environment=environment), at, at + timedelta(hours=1),
    )  # fmt: skip
    with book[0].unit(SYSTEM) as unit:
        Ledger().add(unit, [line])


def totals(book: Book, *by: str) -> dict[tuple[str, ...], str]:
    period = Period(book[2], book[2] + timedelta(days=28))
    with book[0].reading() as session:
        found = Ledger().totals(session, period, by)
    return {each.key: each.amount.decimal for each in found}


def test_a_bill_is_not_counted_beside_the_lines_it_pays_for(book: Book) -> None:
    bill(book)
    work(book, "run:1:cpu", "loan", 30)
    work(book, "run:2:cpu", "fraud", 20)
    [alone] = book[1].renew(SYSTEM)
    assert (alone.explained, alone.taken_back) == (100_000_000, 0), "nobody said what it pays for"
    assert totals(book) == {(): "200.00"}
    book[1].declare(person("olga"), "account", ["engine"])
    assert totals(book) == {(): "150.00"}, "the bill, and nothing beside it"
    assert totals(book, "model") == {("",): "30.00", ("fraud",): "20.00", ("loan",): "100.00"}
    assert totals(book, "model", "kind")[("loan", "training")] == "30.00", "its own lines stand"
    assert totals(book, "environment") == {("account",): "100.00", ("engine",): "50.00"}
    with book[0].reading() as session:
        [found] = book[1].latest(session, date(2000, 1, 1), date(3000, 1, 1)).values()
    assert (found.billed, found.explained) == (150_000_000, 120_000_000)
    assert (found.taken_back, found.lowered, found.lines, found.bill_lines) == (50_000_000, 0, 2, 3)
    assert Comparing(book[0].clock, book[1]).look() == [], "nothing came since"


def test_what_comes_later_is_compared_again(book: Book) -> None:
    bill(book)
    work(book, "run:1:cpu", "loan", 30)
    book[1].declare(person("olga"), "account", ["engine"])
    work(book, "run:2:cpu", "fraud", 90)
    [found] = book[1].renew(SYSTEM)
    assert (found.taken_back, found.lowered) == (80_000_000, 40_000_000)
    assert totals(book) == {(): "150.00"}
    assert totals(book, "model") == {("",): "0.00", ("fraud",): "50.00", ("loan",): "100.00"}
    bill(book, HEAD + "{0}-06,,100,USD,account\n")
    [found] = book[1].renew(SYSTEM)
    assert found.lowered == 0, "the bill has enough now: what was lowered is given back"
    assert totals(book) == {(): "250.00"}
    assert totals(book, "model")[("fraud",)] == "90.00"
    book[1].declare(person("olga"), "account", [])
    assert totals(book) == {(): "370.00"}, "taken back to the last line"


def test_a_bill_that_is_stated_anew_decides_the_sum_anew(book: Book) -> None:
    bill(book)
    work(book, "run:1:cpu", "loan", 30)
    book[1].declare(person("olga"), "account", ["engine"])
    bill(book, BILL.replace(",60,", ",70,").replace(",50,", ",20,"))
    [found] = book[1].renew(SYSTEM)
    assert (found.billed, found.taken_back, found.bill_lines) == (130_000_000, 30_000_000, 5)
    assert totals(book) == {(): "130.00"}
    assert totals(book, "model") == {("",): "20.00", ("loan",): "110.00"}
    assert Comparing(book[0].clock, book[1]).look() == [], "nothing came since"


def test_an_environment_of_its_own_name_and_one_inside_another_need_no_word(book: Book) -> None:
    bill(book)
    work(book, "run:1:cpu", "loan", 30, "account")
    book[1].renew(SYSTEM)
    assert totals(book) == {(): "150.00"}


def test_an_account_over_a_cluster_over_an_engine(book: Book) -> None:
    bill(book)
    bill(book, HEAD + "{0}-03,loan,45,USD,cluster\n")
    work(book, "run:1:cpu", "loan", 30)
    book[1].declare(person("olga"), "account", ["cluster"])
    book[1].declare(person("olga"), "cluster", ["engine"])
    assert totals(book) == {(): "150.00"}
    assert totals(book, "environment") == {
        ("account",): "105.00", ("cluster",): "15.00", ("engine",): "30.00",
    }  # fmt: skip


def test_who_says_what_a_bill_pays_for_is_an_operator_and_goes_in_no_circle(book: Book) -> None:
    with pytest.raises(NotPermitted):
        book[1].declare(person("vera"), "account", ["engine"])
    book[1].declare(person("olga"), "account", ["engine"])
    with pytest.raises(InvalidInput, match="engine would pay for itself"):
        book[1].declare(person("olga"), "engine", ["account"])


def test_what_servers_reported_is_no_bill_and_takes_nothing_from_what_runs_cost(
    book: Book,
) -> None:
    work(book, "run:1:cpu", "loan", 30, "aws/eu")
    work(book, "run:2:cpu", "fraud", 20, "aws/eu")
    serve(book, "aws/eu", 25)
    assert book[1].renew(SYSTEM) == [], "nobody billed anything"
    assert totals(book) == {(): "75.00"}
    bill(book, HEAD + "{0}-03,,100,USD,aws/eu\n")
    [found] = book[1].renew(SYSTEM)
    assert (found.billed, found.estimated) == (100_000_000, 75_000_000)
    assert totals(book, "model") == {("",): "25.00", ("fraud",): "20.00", ("loan",): "55.00"}


def test_a_bill_that_names_no_environment_takes_nothing_from_lines_that_name_none(
    book: Book,
) -> None:
    work(book, "run:1:cpu", "fraud", 20, "")
    bill(book, HEAD + "{0}-03,loan,60,USD,\n")
    assert book[1].renew(SYSTEM) == []
    assert totals(book) == {(): "80.00"}
    month = book[2].date()
    with book[0].reading() as session:
        sides = book[1].sides(session, month, month + timedelta(days=31))
    assert [each.micros for each in uncovered(sides, {})] == [20_000_000], "the page says so"


def serve(book: Book, environment: str, amount: int) -> None:
    at = book[2] + timedelta(days=5)
    line = Entry(
        "host:loan:1:day:cpu", CostKind.SERVING, Use("cpu", "cpu-hour", Decimal(1)),
        Money("USD", amount * 10**6), Bearer("loan", environment=environment), at,
        at + timedelta(days=1), estimated=False, method=Method.HOSTS,
    )  # fmt: skip
    with book[0].unit(SYSTEM) as unit:
        Ledger().add(unit, [line])


class Meeting(Reconciliations):
    """Two who see at the same moment that something is due."""

    met = Barrier(2)

    def _places(self, *asked: Any) -> Any:
        found = super()._places(*asked)
        self.met.wait(20)
        return found


def test_two_who_compare_at_once_take_back_once(book: Book) -> None:
    bill(book)
    work(book, "run:1:cpu", "loan", 30)
    book[1].declare(person("olga"), "account", ["engine"])
    work(book, "run:2:cpu", "fraud", 20)
    both = [Meeting(book[0], Ledger(), permit) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: each.renew(SYSTEM), both))
    assert totals(book) == {(): "150.00"}


def test_a_file_that_is_imported_twice_at_once_is_there_once(book: Book) -> None:
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: bill(book), range(2)))
    assert totals(book) == {(): "150.00"}
