"""Chargeback: what each team owes for a month, by model and kind, to the millionth."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from services.facts.cost import spending
from services.facts.cost.spending import About, Sum
from services.kernel.error import InvalidInput
from services.kernel.money import Money
from services.kernel.pdf import Column, Row, Sheet, pdf
from services.people.account.types import Principal
from services.people.team.service import Teams
from services.record.archive.service import Archive
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.governance.service import Governance

NOBODY = "(no team)"
TITLES = (
    "month", "team_id", "team", "model", "kind", "currency", "amount", "amount_micros",
    "estimated_micros", "lines", "unpriced_lines",
)  # fmt: skip
COLUMNS = (
    Column("Team", 96), Column("Model", 130), Column("For", 52),
    Column("Amount", 148, right=True), Column("Lines", 42, right=True),
    Column("Unpriced", 42, right=True),
)  # fmt: skip
FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Charge:
    """What one team owes for one model and kind, in one currency.

    Attributes
    ----------
    amount
        None for lines without a price, which are counted and never nothing.
    """

    team_id: str
    team: str
    model: str
    kind: str
    amount: Money | None
    estimated: int
    lines: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class Paper:
    """An export: its bytes and their digest, under which they stand in the archive."""

    name: str
    data: bytes
    sha256: str


class Chargebacks:
    """Writes down what teams owe for a month."""

    def __init__(
        self, store: Store, archive: Archive, authority: Authority, governance: Governance,
        teams: Teams,
    ) -> None:  # fmt: skip
        self._store, self._archive, self._authority = store, archive, authority
        self._governance, self._teams = governance, teams

    def charges(self, session: Session, principal: Principal, month: date) -> list[Charge]:
        """Return what each team owes for a month, of what this person may take along."""
        names = {each.team_id: each.name for each in self._teams.all(session)}
        about = self._about(session, principal, names)
        after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        found = spending.of_months(session, month, after, ("team", "model", "kind"), about)
        return [_charge(each, names) for each in found]

    def export(self, principal: Principal, month: date, form: str) -> Paper:
        """Write a month down as ``csv`` or ``pdf`` and keep it; event ``export:made``.

        Raises
        ------
        InvalidInput
            When it is neither, or the month does not begin on its first day.
        NotPermitted
            When this person may take nothing along.
        """
        if form not in {"csv", "pdf"} or month.day != 1:
            raise InvalidInput("A chargeback is of a whole month, as csv or pdf.")
        self._authority.require(principal, Action.EXPORT)
        with self._store.unit(principal.actor) as unit:
            held = self.charges(unit.session, principal, month)
            data = to_csv(month, held) if form == "csv" else to_pdf(month, held, unit.now)
            made = Paper(f"chargeback-{month:%Y-%m}.{form}", data, self._archive.put(data))
            unit.event(
                "export:made", ("ledger", f"{month:%Y-%m}"), kind="chargeback", form=form,
                sha256=made.sha256, rows=len(held),
                amounts={each.currency: each.decimal for each in totals(held)},
            )  # fmt: skip
        return made

    def _about(self, session: Session, principal: Principal, teams: Mapping[str, str]) -> About:
        permits = self._authority.permits
        if permits(principal, Action.EXPORT, model="", team=""):
            return About()
        return About(
            models=tuple(
                each.name
                for each in self._governance.all(session)
                if permits(principal, Action.EXPORT, model=each.name, team=each.team_id)
            ),
            teams=tuple(t for t in teams if permits(principal, Action.EXPORT, model="", team=t)),
        )


def totals(charges: Sequence[Charge]) -> list[Money]:
    """Return what charges come to, by currency."""
    found: dict[str, Money] = {}
    for each in charges:
        if each.amount is not None:
            name = each.amount.currency
            found[name] = found.get(name, Money.none(name)) + each.amount
    return [found[name] for name in sorted(found)]


def to_csv(month: date, charges: Sequence[Charge]) -> bytes:
    """Return charges as CSV (RFC 4180); no cell is one that a spreadsheet would compute."""
    text = io.StringIO()
    sheet = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    sheet.writerow(TITLES)
    for each in charges:
        money = each.amount
        sheet.writerow([
            f"{month:%Y-%m}", _safe(each.team_id), _safe(each.team), _safe(each.model), each.kind,
            money.currency if money else "", money.decimal if money else "",
            money.micros if money else "", each.estimated if money else "", each.lines,
            each.unpriced,
        ])  # fmt: skip
    return text.getvalue().encode()


def to_pdf(month: date, charges: Sequence[Charge], now: datetime) -> bytes:
    """Return charges on paper: each team with its models, then what all come to."""
    rows: list[Row] = []
    for team in sorted({(each.team, each.team_id) for each in charges}):
        own = [each for each in charges if (each.team, each.team_id) == team]
        rows += [Row((team[0], *_cells(each))) for each in own]
        rows += [_sum(f"{team[0]} in all", each, own) for each in totals(own)]
    rows += [_sum("All teams", each, charges) for each in totals(charges)]
    missing = sum(each.unpriced for each in charges)
    notes = [
        f"{month:%B %Y}, as of {now:%Y-%m-%d %H:%M} UTC. Currencies are never added to each other.",
        "Amounts are exact to a millionth; corrections that come later change later papers, not this.",
    ]
    notes += [f"Lines without a price, not in the amounts: {missing:,}."] if missing else []
    title = "Chargeback by team"
    return pdf(Sheet(title, tuple(notes), COLUMNS, tuple(rows), f"{title}, {month:%Y-%m}"))


def _charge(found: Sum, names: Mapping[str, str]) -> Charge:
    team, model, kind = found.key
    return Charge(
        team, names.get(team, team) or NOBODY, model, kind, found.amount,
        found.estimated.micros if found.estimated else 0, found.lines, found.unpriced,
    )  # fmt: skip


def _cells(each: Charge) -> tuple[str, ...]:
    told = f"{each.amount.decimal} {each.amount.currency}" if each.amount else "unpriced"
    missing = f"{each.unpriced:,}" if each.unpriced else ""
    return each.model or "(no model)", each.kind, told, f"{each.lines:,}", missing


def _sum(name: str, money: Money, charges: Sequence[Charge]) -> Row:
    lines = sum(e.lines for e in charges if e.amount and e.amount.currency == money.currency)
    return Row((name, "", "", f"{money.decimal} {money.currency}", f"{lines:,}", ""), bold=True)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
