"""What the address of a drift page asks for: version, statistic, segment, stretch, and one cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from services.facts.window.rules import windows_between
from services.facts.window.types import Granularity, Monitor, Seen

MODEL_OWN = ("score", "prediction", "outcome")
LENGTHS = (12, 30, 90, 365)
TICKS: Mapping[str, str] = MappingProxyType(
    {"year": "%Y", "month": "%b %Y", "day": "%-d %b", "hour": "%-d %b %H:%M"}
)


@dataclass(frozen=True, slots=True)
class Statistic:
    """A way to say how far a feature moved.

    Attributes
    ----------
    metrics
        Names of the catalogue: of numbers, and of categories where theirs is another.
    comparable
        Whether distances of two features may be compared; not where they bear the feature's unit.
    """

    key: str
    words: str
    metrics: tuple[str, ...]
    comparable: bool = True


STATISTICS: Mapping[str, Statistic] = MappingProxyType(
    {
        each.key: each
        for each in (
            Statistic("ks", "KS, largest change", ("drift.ks", "drift.largest_change")),
            Statistic("psi", "PSI, tenths", ("drift.psi",)),
            Statistic("js", "Jensen-Shannon", ("drift.jensen_shannon",)),
            Statistic("wasserstein", "Wasserstein", ("drift.wasserstein",), comparable=False),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at.

    Attributes
    ----------
    length
        How many windows back; 0 for all.
    starts
        The windows of the stretch, oldest first, those without rows among them.
    last
        The newest window that was measured; None before the first.
    """

    monitor: Monitor
    statistic: Statistic
    segment: str
    length: int
    until: Seen | None
    starts: tuple[datetime, ...]
    last: Seen | None

    @property
    def since(self) -> datetime | None:
        """Return where the stretch begins."""
        return self.starts[0] if self.starts else None

    @property
    def ends(self) -> datetime | None:
        """Return where it ends."""
        return self.last.end if self.last else None

    @property
    def open(self) -> datetime | None:
        """Return the window of the stretch that is still open; None where all are over."""
        return self.last.start if self.last and not self.last.closed else None

    @property
    def granularity(self) -> Granularity:
        """Return the rhythm of the monitor."""
        return self.monitor.granularity


def scope(monitor: Monitor, seen: Sequence[Seen], query: Mapping[str, str]) -> Scope:
    """Return what an address asks for; what cannot be is left out.

    Notes
    -----
    A stretch in which nothing came in shows nothing: it then ends where rows came in last.
    """
    until = chosen(query.get("until"), seen)
    known = [each for each in seen if until is None or each.start <= until.start]
    length = int(asked) if (asked := query.get("windows", "")).isdecimal() else LENGTHS[1]
    length = length if length in LENGTHS and length < len(known) else 0
    starts: tuple[datetime, ...] = ()
    if not any(each.rows for each in known[-length:]):
        last = newest(known)
        known = [each for each in known if last and each.start <= last.start]
    if known:
        covered = windows_between(known[0].start, known[-1].end, monitor.granularity)
        starts = tuple(each.start for each in covered[-length:])
    statistic = STATISTICS.get(query.get("statistic", ""), STATISTICS["ks"])
    return Scope(
        monitor, statistic, query.get("segment", ""), length, until, starts,
        known[-1] if known else None,
    )  # fmt: skip


def newest(seen: Sequence[Seen]) -> Seen | None:
    """Return the window that is looked at first: the newest with rows, a closed one before an open."""
    told = [each for each in seen if each.rows]
    over = [each for each in told if each.closed]
    return next(reversed(over or told or seen), None)


def chosen(asked: str | None, seen: Sequence[Seen]) -> Seen | None:
    """Return the window that an address names by its start, or None when there is none such."""
    return next((each for each in seen if each.start.isoformat() == asked), None)
