"""The price of a ticket as figures."""

from dataclasses import dataclass

from console.format import NOTHING, number, plural
from console.views.tickets import amount
from services.decisions.retraining.quote import Quote
from services.decisions.retraining.types import Ticket


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the price: what it is, the figure, and what it rests on."""

    words: str
    value: str
    note: str


def quoted(each: Ticket) -> tuple[Tile, ...]:
    """Return the price of a ticket as figures; none before it was quoted."""
    quote = each.quote
    if quote is None:
        return ()
    runs = plural(quote.past_runs, "past run")
    return (
        Tile("At most", amount(quote.worst), _unpriced(quote)),
        Tile("Likely", _likely(quote), runs),
        Tile("Takes", span(quote.seconds, quote.seconds_lo, quote.seconds_hi), runs),
        *_gpu_hours(quote),
        Tile("Energy", *_energy(quote)),
        Tile("For trainings left", *_left(quote)),
        Tile(
            "Spent",
            amount(each.spent) if each.spent else NOTHING,
            "in all" if each.is_over else "so far",
        ),
    )


def _gpu_hours(quote: Quote) -> tuple[Tile, ...]:
    """Return the GPU-hours, where a GPU was asked for."""
    if not quote.gpu_hours:
        return ()
    return (Tile("GPU-hours", number(quote.gpu_hours), "at most"),)


def _energy(quote: Quote) -> tuple[str, str]:
    """Return how much energy it takes at most, and how that is known."""
    if quote.kwh is None:
        return "unknown", "nobody says what this hardware draws"
    return (
        f"{number(quote.kwh)} kWh",
        f"at most, {quote.kwh_source.partition(':')[0] or 'declared'}",
    )


def _left(quote: Quote) -> tuple[str, str]:
    """Return what the policy left for trainings in the month when it was quoted, and of how much."""
    if quote.month is None:
        return "no limit", "by the policy"
    of = f"of {amount(quote.month)} a month, by the policy"
    return (amount(quote.left) if quote.left is not None else "unknown"), of


def _unpriced(quote: Quote) -> str:
    if quote.unpriced:
        return "no price for " + ", ".join(quote.unpriced)
    said = "sample prices" if quote.sample_prices else "every attempt to its limit"
    return f"{said}; {quote.terms}" if quote.terms else said


def _likely(quote: Quote) -> str:
    if quote.likely is None or quote.lo is None or quote.hi is None:
        return "not known yet"
    return f"{amount(quote.likely)} [{amount(quote.lo)}, {amount(quote.hi)}]"


def span(seconds: float | None, lo: float | None = None, hi: float | None = None) -> str:
    """Return a duration with its interval: ``4 min [3 min, 6 min]``."""
    if seconds is None:
        return "not known yet"
    if lo is None or hi is None:
        return lasting(seconds)
    return f"{lasting(seconds)} [{lasting(lo)}, {lasting(hi)}]"


def lasting(seconds: float) -> str:
    """Return a duration as people say it: ``4.2 s``, ``12 min``, ``3.5 h``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
