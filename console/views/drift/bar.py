"""What can be chosen on a drift page: version, statistic, segment, stretch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import count, plural, segment, window
from console.views.drift.scope import LENGTHS, STATISTICS, Scope, newest
from services.facts.window.types import Monitor, Seen

if TYPE_CHECKING:
    from services.bootstrap.services import Services

Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """What can be chosen, each as the value of the address and its words, and what is chosen."""

    models: tuple[str, ...]
    versions: Options
    statistics: Options
    segments: Options
    lengths: Options
    windows: Options
    chosen: Mapping[str, str]
    freshness: str


def bar(
    models: Sequence[str], monitors: Sequence[Monitor], where: Scope, seen: Sequence[Seen],
    names: Sequence[str],
) -> Bar:  # fmt: skip
    """Return the bar of a scope; ``names`` are the segments there are."""
    rhythm = where.granularity
    windows = [
        (each.start.isoformat(), f"{window(each.start, rhythm)}, n = {count(each.rows)}")
        for each in reversed(seen)
    ]
    lengths = [(str(n), f"Last {n}") for n in LENGTHS if n < len(seen)] + [("0", "All")]
    return Bar(
        tuple(models),
        tuple({str(m.ref.version): f"v{m.ref.version}" for m in monitors}.items()),
        tuple((each.key, each.words) for each in STATISTICS.values()),
        (("", "All rows"), *((each, segment(each)) for each in names)),
        tuple(lengths), tuple(windows),
        {
            "version": str(where.monitor.ref.version), "statistic": where.statistic.key,
            "segment": where.segment, "windows": str(where.length),
            "until": where.until.start.isoformat() if where.until else "",
        },
        freshness(where, seen),
    )  # fmt: skip


def freshness(where: Scope, seen: Sequence[Seen]) -> str:
    """Return when rows came in last, and what has been since."""
    last = newest(seen)
    if last is None:
        return "no window was measured yet"
    rhythm = where.granularity
    parts = [f"newest with rows {window(last.start, rhythm)}, n = {count(last.rows)}"]
    later = [each for each in seen if each.start > last.start]
    silent = sum(each.closed for each in later)
    parts += [f"{plural(silent, 'window')} without rows since"] if silent else []
    parts += [f"{window(e.start, rhythm)} is still open" for e in later if not e.closed]
    return "; ".join(parts)


def segments(services: "Services", session: Session, where: Scope) -> list[str]:
    """Return the segments that are profiled by themselves, and the one that is asked for."""
    if not where.monitor.segments or where.last is None:
        return [where.segment] if where.segment else []
    found = services.windows.numbers(
        session, where.monitor, metrics=where.statistic.metrics[:1], segment=None,
        since=where.last.start, until=where.last.end,
    )  # fmt: skip
    return sorted({each.segment for each in found} - {""} | ({where.segment} - {""}))
