"""From what a job held to lines of the ledger, in whole numbers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from services.facts.cost.types import Allocation, AttemptUse, Bearer, Entry, Method, Use
from services.kernel.error import InvalidInput
from services.kernel.money import MICRO, Money, Rate
from services.kernel.text import clean, one_line

HOUR = Decimal(3600)
LARGEST = 10**16
"""Most micro-units of one line: ten thousand million, so that no day outgrows 64 bits by accident."""
LARGEST_QUANTITY = 2**62
_MAKERS = re.compile(r"\b(nvidia|tesla|geforce|amd|instinct)\b")


def micros(quantity: Decimal) -> int:
    """Return a quantity in whole millionths, half to even.

    Raises
    ------
    InvalidInput
        When it is not finite, or too large to be stored.
    """
    scaled = quantity * MICRO
    if not scaled.is_finite() or not -LARGEST_QUANTITY <= scaled <= LARGEST_QUANTITY:
        raise InvalidInput("A quantity must be a finite number of less than 4.6 million millions.")
    return int(scaled.to_integral_value(rounding=ROUND_HALF_EVEN))


def gpu_sku(gpu_type: str) -> str:
    """Return what a type of GPU is called in the price catalogue: ``NVIDIA H100`` is ``gpu:h100``."""
    words = re.findall(r"[a-z0-9.]+", _MAKERS.sub(" ", gpu_type.lower()))
    return f"gpu:{'-'.join(words)}" if words else "gpu"


def skus(allocation: Allocation) -> tuple[str, ...]:
    """Return what must have a price for an allocation to have one."""
    return tuple(each.sku for each in uses(allocation, Decimal(3600)))


def uses(allocation: Allocation, seconds: Decimal) -> tuple[Use, ...]:
    """Return what holding an allocation for some seconds comes to.

    Parameters
    ----------
    seconds
        Wall-clock time, 0 or more.

    Notes
    -----
    What is set aside is paid for: CPUs, memory and GPUs times hours, used or not.
    """
    hours = max(Decimal(0), seconds) / HOUR
    held = [
        Use("cpu", "cpu-hour", whole(Decimal(str(allocation.cpus)) * hours)),
        Use("memory", "gb-hour", whole(Decimal(str(allocation.memory_gb)) * hours)),
    ]
    if allocation.gpus:
        sku = gpu_sku(allocation.gpu_type)
        held.append(Use(sku, "gpu-hour", whole(allocation.gpus * hours)))
    return tuple(held)


def whole(quantity: Decimal) -> Decimal:
    """Return a quantity as the ledger keeps it: in whole millionths."""
    return Decimal(micros(quantity)) / MICRO


def priced(use: Use, rate: Rate | None) -> Money | None:
    """Return what a use costs; None without a price of its unit."""
    return rate.of(use.quantity) if rate is not None and rate.unit == use.unit else None


def of_attempt(attempt: AttemptUse, rates: Mapping[str, Rate | None]) -> tuple[Entry, ...]:
    """Return the lines of one attempt: one for each thing that has a price of its own.

    Parameters
    ----------
    rates
        By sku, see :func:`skus`; what is missing is unpriced.

    Notes
    -----
    The clock of an engine may run behind ours: an attempt that ended before it began held nothing.
    """
    seconds = Decimal(str((attempt.ended_at - attempt.started_at).total_seconds()))
    lines: list[Entry] = []
    for use in uses(attempt.allocation, seconds):
        rate = rates.get(use.sku)
        amount = priced(use, rate)
        lines.append(
            Entry(
                source_id=f"attempt:{attempt.attempt_id}:{use.sku}",
                kind=attempt.kind,
                use=use,
                amount=amount,
                bearer=attempt.bearer,
                starts_at=attempt.started_at,
                ends_at=max(attempt.started_at, attempt.ended_at),
                price_id=rate.price_id if rate is not None and amount is not None else "",
                kwh=None if lines else attempt.kwh,
                kwh_source="" if lines or attempt.kwh is None else "measured by the GPUs",
                method=Method.ALLOCATION,
            )
        )
    return tuple(lines)


def cost(
    allocation: Allocation, seconds: Decimal, rates: Mapping[str, Rate | None], currency: str
) -> tuple[Money | None, tuple[str, ...]]:
    """Return what an allocation costs for some seconds, and what has no price.

    Returns
    -------
    tuple
        The amount is None when anything has no price in this currency.
    """
    total, unpriced = Money.none(currency), list[str]()
    for use in uses(allocation, seconds):
        amount = priced(use, rates.get(use.sku))
        if amount is None or amount.currency != currency:
            unpriced.append(use.sku)
        else:
            total += amount
    return (None if unpriced else total), tuple(unpriced)


def checked(entries: Iterable[Entry]) -> list[Entry]:
    """Return lines as they may be added.

    Raises
    ------
    InvalidInput
        For a period without a time zone or that ends before it begins, an amount too large, a
        negative one that corrects nothing and that nobody billed, and one source given twice.
    """
    ready: list[Entry] = []
    seen: set[str] = set()
    for entry in map(checked_one, entries):
        if entry.source_id in seen:
            raise InvalidInput(f"The source {entry.source_id!r} stands twice in one batch.")
        seen.add(entry.source_id)
        ready.append(entry)
    return ready


def checked_one(entry: Entry) -> Entry:
    """Return one line as it may be added; see :func:`checked`."""
    _refuse_unusable(entry)
    source = _one_line(entry.source_id, 200, "The source of a cost")
    sku, unit = sold(entry.use.sku, entry.use.unit)
    borne = bearer(entry.bearer)
    same = borne is entry.bearer or borne == entry.bearer
    if same and (source, sku, unit) == (entry.source_id, entry.use.sku, entry.use.unit):
        return entry
    use = replace(entry.use, sku=sku, unit=unit)
    return replace(entry, source_id=source, use=use, bearer=borne)


def sold(sku: str, unit: str) -> tuple[str, str]:
    """Return what was used and its unit as they may be kept."""
    return _one_line(sku, 120, "What was used"), _one_line(unit, 40, "The unit")


@lru_cache(maxsize=4096)
def bearer(bearer: Bearer) -> Bearer:
    """Return whom a cost belongs to as it may be kept."""
    limits = {
        "model": 256, "run_id": 60, "team": 60, "ticket_id": 36, "environment": 120, "experiment": 500,
    }  # fmt: skip
    held = {
        name: clean(getattr(bearer, name), limit=limit, what=f"The {name.replace('_', ' ')}")
        for name, limit in limits.items()
    }
    cleaned = replace(bearer, **held)
    return bearer if cleaned == bearer else cleaned


def _one_line(text: str, limit: int, what: str) -> str:
    """Return a text that stands on one line; most are plain and looked at once, as a whole."""
    if text.isascii() and text.isprintable() and text == text.strip() and 0 < len(text) <= limit:
        return text
    return one_line(text, limit=limit, what=what)


def _refuse_unusable(entry: Entry) -> None:
    what = entry.source_id
    if entry.starts_at.tzinfo is None or entry.ends_at.tzinfo is None:
        raise InvalidInput(f"The period of {what} needs a time zone.")
    if entry.ends_at < entry.starts_at:
        raise InvalidInput(f"The period of {what} ends before it begins; is a clock wrong?")
    takes = entry.corrects or not entry.estimated
    amount = entry.amount.micros if entry.amount else 0
    if (micros(entry.use.quantity) < 0 or amount < 0) and not takes:
        raise InvalidInput(f"{what} is negative; write a correction of the line that was wrong.")
    if abs(amount) > LARGEST:
        raise InvalidInput(f"The amount of {what} is too large to be true.")
