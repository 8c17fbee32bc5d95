"""Tickets over an office: quotes, and a policy that trains on every trigger."""

from datetime import datetime
from typing import Any

from services.decisions.retraining.quote import DataFacts, Quote
from services.decisions.retraining.types import Ticket, TicketForm
from services.kernel.identity import SYSTEM
from services.kernel.money import Money
from tests.support.console_services import NAME
from tests.support.office import Office

DATA = DataFacts("ef" * 32, 1200, 14, None, None, "file:loans.parquet", "12" * 32)
ANY = """
retraining: {{on: [drift, performance, schedule, data, labels, code, expiry, manual], schedule: "0 3 * * 1", cooldown_days: {days}, max_per_week: {most}, approvals: {rows}}}
budget: {{currency: USD, month: "200", ticket: "50"}}
"""
ROWS = '[{over: "0", quorum: {operator: 1}}, {over: "50", quorum: {operator: 1, approver: 1}}]'


def quote(worst: str | None = "12.50", at: datetime | None = None) -> Quote:
    """Return a quote of a worst case, or one of which something has no price."""
    return Quote(
        currency="USD", worst=Money.parse(worst, "USD") if worst else None, likely=None, lo=None,
        hi=None, seconds=None, seconds_lo=None, seconds_hi=None, past_runs=0, gpu_hours=0.0,
        kwh=None, unpriced=() if worst else ("gpu-h100",), prices=("price-1",),
        quoted_at=at or datetime.fromisoformat("2026-03-14T09:12:00+00:00"),
    )  # fmt: skip


def train_on(
    office: Office, days: float = 7, most: int = 2, rows: str = ROWS, also: str = ""
) -> None:
    """Publish the next version of the policy of the model, with triggers and approvals."""
    services = office.services
    with services.store.reading() as session:
        now = services.gate.policy(session, NAME, "champion")
        newest = services.policies.versions(session, now.policy_id)[0].policy.version
    text = services.archive.get(now.sha256).decode()
    head, _, _ = text.partition("\nretraining:")
    head = head.replace(f"version: {now.version}", f"version: {newest + 1}")
    data = head + ANY.format(days=days, most=most, rows=rows) + also
    services.policies.publish(SYSTEM, data.encode())


def form(key: str = "one", **more: Any) -> TicketForm:
    return TicketForm(NAME, "The winter changed what loans look like.", key, **more)


def opened(office: Office, key: str = "one", **more: Any) -> Ticket:
    made: Ticket = office.services.tickets.open(office.olga, form(key, **more))
    return made


def quoted(office: Office, ticket: Ticket, worst: str | None = "12.50") -> Ticket:
    """Let the worker say what a ticket costs."""
    with office.services.store.unit(SYSTEM) as unit:
        made: Ticket = office.services.tickets.quoted(unit, ticket.ticket_id, DATA, quote(worst))
    return made


def standing(office: Office, ticket: Ticket) -> Ticket:
    with office.services.store.reading() as session:
        found: Ticket = office.services.tickets.get(session, ticket.ticket_id)
    return found
