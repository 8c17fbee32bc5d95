"""What the trail says of lines that were added."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from services.facts.cost import rules
from services.facts.cost.types import Entry
from services.kernel.money import Money
from services.record.canonical import sha256_hex

_TEXT = json.JSONEncoder(ensure_ascii=False).encode


def subject(entries: Sequence[Entry]) -> tuple[str, str]:
    """Return whom a batch is about: its one ticket or model, else the ledger."""
    tickets = {each.bearer.ticket_id for each in entries}
    models = {each.bearer.model for each in entries}
    if len(tickets) == 1 and (ticket := min(tickets)):
        return "ticket", ticket
    if len(models) == 1 and (model := min(models)):
        return "model", model
    return "ledger", "default"


def words(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return what the trail says of a batch: how many, how much, and the digest of its rows."""
    sums: dict[str, int] = defaultdict(int)
    for each in entries:
        if each.amount is not None:
            sums[each.amount.currency] += each.amount.micros
    return {
        "rows": len(entries),
        "unpriced": sum(each.amount is None for each in entries),
        "amounts": {name: Money(name, micros).decimal for name, micros in sorted(sums.items())},
        "sha256": sha256_hex("\n".join(_row(each) for each in entries).encode()),
    }


def _row(entry: Entry) -> str:
    """Return a line as its digest takes it: a JSON list of texts."""
    bearer, amount, kwh = entry.bearer, entry.amount, entry.kwh
    return _TEXT(
        [
            entry.source_id, entry.kind.value, entry.use.sku, entry.use.unit,
            str(rules.micros(entry.use.quantity)), str(amount.micros) if amount else None,
            amount.currency if amount else None, bearer.model, bearer.version, bearer.run_id,
            bearer.team, bearer.ticket_id, bearer.environment, _instant(entry.starts_at),
            _instant(entry.ends_at), entry.price_id, entry.estimated, entry.corrects,
            str(rules.micros(kwh)) if kwh is not None else None,
            *((bearer.experiment,) if bearer.experiment else ()), *_more(entry),
        ]
    )  # fmt: skip


def _more(entry: Entry) -> tuple[str, ...]:
    """Return what only some lines say, each with its name."""
    if (
        entry.requests is None
        and entry.kg is None
        and not (entry.method or entry.kwh_source or entry.grid_id)
    ):
        return ()
    kg = str(rules.micros(entry.kg)) if entry.kg is not None else ""
    said = {
        "method": entry.method.value, "requests": "" if entry.requests is None else entry.requests,
        "kwh_source": entry.kwh_source, "kg": kg, "grid_id": entry.grid_id,
    }  # fmt: skip
    return tuple(f"{name}={value}" for name, value in said.items() if value != "")


@lru_cache(maxsize=8192)
def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
