"""The attempts of a ticket, and what is seen of one while it trains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.format import NOTHING, ago, instant, number, share
from console.views.decisions import team_of
from console.views.quoted import Tile, lasting
from console.views.tickets import amount, worst
from services.decisions.retraining.types import Attempt, AttemptState, Ticket
from services.kernel.money import Money
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.workflows.retraining.seen import Seen

if TYPE_CHECKING:
    from services.bootstrap.services import Services

ATTEMPTS: Mapping[AttemptState, tuple[str, str]] = {
    AttemptState.PENDING: ("info", "Waits for the engine"),
    AttemptState.RUNNING: ("info", "Runs"),
    AttemptState.SUCCEEDED: ("pass", "Done"),
    AttemptState.FAILED: ("fail", "Failed"),
    AttemptState.CANCELLED: ("none", "Stopped"),
    AttemptState.TIME_LIMIT: ("fail", "Out of time"),
    AttemptState.LOST: ("stale", "Lost"),
    AttemptState.UNKNOWN: ("unknown", "Engine does not answer"),
}


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One attempt."""

    number: int
    status: str
    word: str
    engine: str
    began: str
    took: str
    used: str
    resumed: str
    reason: str


def attempt_rows(attempts: Sequence[Attempt], seen: Sequence[Seen]) -> tuple[AttemptRow, ...]:
    """Return the attempts as lines, the first first."""
    return tuple(_row(each, resumed(attempts, n, seen)) for n, each in enumerate(attempts))


def resumed(attempts: Sequence[Attempt], place: int, seen: Sequence[Seen]) -> str:
    """Return where an attempt went on: ``epoch 7, after an interruption``; empty for a fresh start.

    Parameters
    ----------
    seen
        What running attempts said last: it stands in the attempt itself only when it is over.
    """
    each = attempts[place]
    live = next((one.resumed_from for one in seen if one.attempt_id == each.attempt_id), "")
    found = each.resumed_from or live
    taken = place > 0 and attempts[place - 1].preempted
    return f"{found}, after an interruption" if found and taken else found


def _row(each: Attempt, resumed: str) -> AttemptRow:
    status, word = ATTEMPTS[each.state]
    took = (
        (each.finished_at - each.started_at).total_seconds()
        if each.finished_at and each.started_at
        else None
    )
    return AttemptRow(
        each.number, status, "Taken away (spot)" if each.preempted else word,
        f"{each.engine} (spot)" if each.spot else each.engine,
        instant(each.started_at) if each.started_at else "not yet",
        lasting(took) if took is not None else NOTHING, used(each.usage), resumed or NOTHING,
        each.reason,
    )  # fmt: skip


def used(usage: Mapping[str, object]) -> str:
    """Return what an attempt used, as far as its engine says: ``41 s CPU · 312 MB · GPU 87 %``."""
    found: list[str] = []
    for key, words in (("cpu_seconds", "{:.0f} s CPU"), ("peak_memory_mb", "{:,.0f} MB")):
        value = usage.get(key)
        if isinstance(value, int | float):
            found.append(words.format(value))
    busy = usage.get("gpu_busy_share")
    if isinstance(busy, int | float):
        found.append(f"GPU {share(float(busy))}")
    return " · ".join(found) or NOTHING


@dataclass(frozen=True, slots=True)
class LiveView:
    """What is seen of an attempt while it trains.

    Attributes
    ----------
    mark
        Changes whenever the page of the ticket is to be drawn anew.
    gpus
        Name, share of time busy, memory: only what a GPU said of itself.
    """

    mark: str
    sentence: str
    note: str
    figures: tuple[Tile, ...]
    gpus: tuple[tuple[str, str, str], ...]
    log: tuple[str, ...]


LINES = 200


def live(services: "Services", principal: Principal, ticket_id: str) -> LiveView:
    """Return what its last attempt prints and uses now."""
    now = services.clock.now()
    with services.store.reading() as session:
        each = services.tickets.get(session, ticket_id)
        where = {"model": each.model, "team": team_of(services, session, each.model)}
        services.authority.require(principal, Action.MODEL_READ, **where)
        attempts = services.tickets.attempts(session, ticket_id)
        if not attempts:
            return LiveView(mark(each, 0), "No attempt yet.", "", (), (), ())
        last = attempts[-1]
        said = services.watching.seen(session, ticket_id)
        seen = next((one for one in said if one.attempt_id == last.attempt_id), None)
        lines = services.watching.last_lines(session, last, LINES)
    return LiveView(
        mark(each, len(attempts)),
        f"Attempt {last.number}, seen {ago(seen.seen_at, now) if seen else 'never'}",
        (seen.stop_words or seen.warning) if seen else "", _figures(seen, each), _gpus(seen), lines,
    )  # fmt: skip


def mark(each: Ticket, attempts: int) -> str:
    """Return what changes when a ticket moved on: its state, its review, its attempts."""
    return f"{each.state.value} {each.review_id} {attempts}"


def _figures(seen: Seen | None, each: Ticket) -> tuple[Tile, ...]:
    """Return what an attempt says of itself; what a ticket cost that is over stands at its price."""
    if seen is None:
        return ()
    found = [Tile("Runs on", seen.device or "not said", "as the script says")]
    if seen.step is not None:
        found.append(Tile("Step", f"{seen.step:,}", ""))
    found += [
        Tile(name, number(float(value)), "last")
        for name, value in sorted(seen.metrics.items())
        if isinstance(value, int | float)
    ]
    found.append(Tile("Used", used(seen.usage), "by this attempt"))
    if not each.is_over:
        quote = each.quote
        unknown = "unpriced" if quote is None or quote.worst is None else "not reckoned yet"
        note = worst(quote) if quote else ""
        found.append(Tile("Spent", spent_so_far(seen) or unknown, note))
    return tuple(found)


def _gpus(seen: Seen | None) -> tuple[tuple[str, str, str], ...]:
    held = seen.usage.get("gpus") if seen else None
    if not isinstance(held, list):
        return ()
    return tuple(
        (
            f"{g['index']} · {g['name']}",
            share(float(g["busy"])),
            f"{float(g['memory_mb']):,.0f} of {float(g['memory_total_mb']):,.0f} MB",
        )
        for g in held
        if isinstance(g, dict)
    )


def spent_so_far(seen: Seen) -> str:
    """Return what it cost so far, in words; empty where nobody has reckoned it."""
    if seen.spent_micros is None or not seen.currency:
        return ""
    return amount(Money(seen.currency, seen.spent_micros))
