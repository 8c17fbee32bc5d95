"""Bills: what was imported, and how it stands against our own lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import count, instant, short
from console.views.cost.sight import sight
from console.views.names import load as names_of
from services.facts.cost import covering
from services.facts.cost.bills import Bill
from services.facts.cost.compared import Cover, Reconciled
from services.facts.cost.environments import Side
from services.facts.cost.importing import FORMS
from services.kernel.money import Money
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

MONTHS = timedelta(days=400)
CALLED = {"focus": "FOCUS", "opencost": "OpenCost", "csv": "plain CSV"}


@dataclass(frozen=True, slots=True)
class BillRow:
    """One import, in words; ``refusals`` are the first refused rows, each with a sentence."""

    bill_id: str
    when: str
    who: str
    name: str
    form: str
    digest: str
    rows: str
    new: str
    known: str
    refused: int
    restated: int
    corrected: str
    unallocated: str
    billed: str
    refusals: tuple[tuple[str, str], ...]
    seq: int


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """How the bill of an environment and month stands, in words."""

    status: str
    word: str
    payer: str
    month: str
    billed: str
    explained: str
    unallocated: str
    own: str
    difference: str


@dataclass(frozen=True, slots=True)
class BillsView:
    """What the tab shows.

    Attributes
    ----------
    sees
        Whether this person sees bills: they tell of every model.
    asof
        When the last comparison was made.
    twice
        What of ours may be in a bill, and nobody said so: environment, month and amount.
    payers
        Environments that were billed; ``covers`` says what each pays for, ``ours`` what may be chosen.
    """

    sees: bool
    bills: tuple[BillRow, ...] = ()
    compared: tuple[ComparedRow, ...] = ()
    twice: tuple[str, ...] = ()
    asof: str = ""
    may: bool = False
    payers: tuple[str, ...] = ()
    covers: Mapping[str, tuple[str, ...]] | None = None
    ours: tuple[str, ...] = ()
    forms: tuple[str, ...] = tuple(FORMS)


def load(services: "Services", principal: Principal) -> BillsView:
    """Return the tab."""
    today = services.clock.now().date()
    since, until = (today - MONTHS).replace(day=1), today + MONTHS
    rooms = services.reconciliations
    with services.store.reading() as session:
        if not sight(services, principal, session).everything:
            return BillsView(sees=False)
        bills = _bills(services, session)
        sides, declared = rooms.sides(session, since, until), rooms.covers(session)
        latest = rooms.latest(session, since, until)
    payers = sorted({s.environment for s in sides if not s.estimated} | set(declared))
    return BillsView(
        sees=True,
        bills=bills,
        compared=tuple(_compared(each, sides, declared) for each in _newest(latest.values())),
        asof=f" · compared {instant(max(each.at for each in latest.values()))}" if latest else "",
        twice=tuple(_twice(each) for each in covering.uncovered(sides, declared)),
        may=services.prices.may_publish(principal),
        payers=tuple(each for each in payers if each),
        covers={name: cover.covers for name, cover in declared.items()},
        ours=tuple(sorted({s.environment for s in sides if s.environment})),
    )


def _bills(services: "Services", session: Session) -> tuple[BillRow, ...]:
    names = names_of(services, session)
    return tuple(
        BillRow(
            bill_id=each.bill_id,
            when=instant(each.at),
            who=names.person(each.imported_by),
            name=each.name.rsplit("/", 1)[-1],
            form=CALLED.get(each.form, each.form),
            digest=short(each.sha256),
            rows=count(each.rows),
            new=count(each.new),
            known=count(each.known),
            refused=each.refused,
            restated=each.restated,
            corrected=", ".join(f"{amount} {name}" for name, amount in each.corrected.items()),
            unallocated=count(each.unallocated),
            billed=_amounts(each),
            refusals=tuple((f"row {number:,}", why) for number, why in each.refusals),
            seq=each.event_seq,
        )
        for each in services.cost_imports.all(session)
    )


def _amounts(bill: Bill) -> str:
    told = bill.billed or bill.effective
    return ", ".join(f"{_short(each)} {name}" for name, each in told.items()) or "nothing"


def _short(amount: str) -> str:
    """Return an exact amount without the noughts at its end, two decimals at least."""
    whole, _, rest = amount.partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


def _newest(found: Iterable[Reconciled]) -> list[Reconciled]:
    return sorted(
        found, key=lambda each: (-each.month.toordinal(), each.environment, each.currency)
    )


def _compared(
    found: Reconciled, sides: Sequence[Side], declared: Mapping[str, Cover]
) -> ComparedRow:
    def words(micros: int) -> str:
        return f"{Money(found.currency, micros).decimal} {found.currency}"

    named = declared[found.environment].covers if found.environment in declared else ()
    place = covering.place(found, named)
    due = covering.is_due(place, covering.sizes(place, sides), found)
    others = [each for each in found.covers if each != found.environment]
    return ComparedRow(
        status="stale" if due else "info" if found.lines else "none",
        word="lines came since" if due else "compared" if found.lines else "nothing of ours",
        payer=f"{found.environment or 'no account'}{' for ' + ', '.join(others) if others else ''}",
        month=_month(found.month),
        billed=words(found.billed),
        explained=words(found.explained),
        unallocated=words(found.billed - found.explained),
        own=words(found.estimated) if found.lines else "none",
        difference=words(found.lowered) if found.lines else "none",
    )


def _twice(side: Side) -> str:
    amount = f"{Money(side.currency, side.micros).decimal} {side.currency}"
    return f"{side.environment or 'no environment'} in {_month(side.month)}, {amount}"


def _month(month: date) -> str:
    return f"{month:%B %Y}"
