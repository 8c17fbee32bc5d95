"""A quote, a snapshot and an amount as JSON holds them, and back: pure functions."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from services.decisions.retraining.quote import DataFacts, Quote
from services.decisions.retraining.types import Cause, Trigger
from services.kernel.identity import ModelRef
from services.kernel.money import Money
from services.record.canonical import plain

AMOUNTS = ("worst", "likely", "lo", "hi", "month", "left")


def money(amount: Money | None) -> dict[str, str] | None:
    """Return an amount as JSON: its currency, and a decimal as text."""
    return {"currency": amount.currency, "amount": amount.decimal} if amount else None


def amount(held: Mapping[str, Any] | None) -> Money | None:
    """Return the amount that JSON holds."""
    return Money.parse(held["amount"], held["currency"]) if held else None


def quote(given: Quote | None) -> dict[str, Any] | None:
    """Return a quote as JSON."""
    if given is None:
        return None
    held = {each.name: getattr(given, each.name) for each in fields(given)}
    if not given.terms:
        held.pop("terms")
    plainly: dict[str, Any] = plain(
        {**held, **{name: money(held[name]) for name in AMOUNTS}, "unpriced": given.unpriced}
    )
    return plainly


def quoted(held: Mapping[str, Any] | None) -> Quote | None:
    """Return the quote that JSON holds."""
    if held is None:
        return None
    values: dict[str, Any] = {**held, **{name: amount(held.get(name)) for name in AMOUNTS}}
    values |= {name: tuple(held[name]) for name in ("unpriced", "prices")}
    values["quoted_at"] = instant(held["quoted_at"])
    return Quote(**values)


def facts(given: DataFacts | None) -> dict[str, Any] | None:
    """Return a snapshot as JSON."""
    if given is None:
        return None
    plainly: dict[str, Any] = plain(asdict(given))
    return plainly


def snapshot(held: Mapping[str, Any] | None) -> DataFacts | None:
    """Return the snapshot that JSON holds."""
    if held is None:
        return None
    values: dict[str, Any] = {**held, "refused": tuple(held["refused"])}
    values |= {name: instant(held[name]) for name in ("first_at", "last_at")}
    return DataFacts(**values)


def cause(held: Mapping[str, Any]) -> Cause:
    """Return the cause that JSON holds."""
    return Cause(Trigger(held["trigger"]), held["key"], held["words"], tuple(held["evidence"]))


def reference(held: Mapping[str, Any] | None) -> ModelRef | None:
    """Return the version that JSON holds."""
    return ModelRef(**held) if held else None


def instant(text: str | None) -> datetime | None:
    """Return the instant that JSON holds."""
    return datetime.fromisoformat(text) if text else None
