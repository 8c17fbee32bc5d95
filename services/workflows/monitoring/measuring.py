"""Measuring one window: the pure instruments over its rows, one after the other."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import pyarrow as pa

from services.facts.drift import calendar, codec, skew, writing
from services.facts.drift.types import Profile
from services.facts.drift.window import distances
from services.facts.evidence.types import segment
from services.facts.prediction import frame, patterns
from services.facts.prediction.columns import labels, within
from services.facts.window.types import (
    Monitor,
    Seen,
    StoredBinning,
    StoredProfile,
    Watched,
    WindowMetric,
)
from services.kernel.period import Period
from services.workflows.monitoring import reference
from services.workflows.monitoring.instruments import MIN_N, Whole
from services.workflows.monitoring.past import NO_PAST, Past
from services.workflows.monitoring.reference import Reference
from services.workflows.monitoring.types import Due

LEVELS = 20
MOVED = frozenset(
    {"drift.ks", "drift.psi", "drift.jensen_shannon", "drift.largest_change", "drift.wasserstein"}
)
"""Distances that say nothing of a feature that moves with the time alone."""


@dataclass(frozen=True)
class Found:
    """All that is known of one window."""

    seen: Seen
    profiles: list[StoredProfile] = field(default_factory=list[StoredProfile])
    numbers: list[WindowMetric] = field(default_factory=list[WindowMetric])
    callers: Mapping[str, int] = field(default_factory=dict[str, int])


class Measuring:
    """Measures windows against one reference."""

    def __init__(self, monitor: Monitor, held: Reference) -> None:
        self.monitor = monitor
        self._held = held
        self._whole = Whole(monitor, held)

    @property
    def reference(self) -> pa.Table:
        """Return the rows that windows are compared with."""
        return self._held.table

    @classmethod
    def of(cls, monitor: Monitor, table: bytes, stored: Mapping[str, StoredBinning]) -> Self:
        """Return what measures a monitor's windows, from what was stored of it."""
        return cls(monitor, reference.from_bytes(table, dict(stored)))

    def window(self, rows: pa.Table, due: Due, now: datetime, past: Past = NO_PAST) -> Found:
        """Measure one window.

        Parameters
        ----------
        rows
            Those of the version inside the window.
        past
            What is known of the windows before it.
        """
        period = due.period
        seen = Seen(
            period.start, period.end, rows.num_rows, labelled_of(rows).num_rows, due.stamp, now,
            due.closed,
        )  # fmt: skip
        found, held = Found(seen, callers=patterns.queries(rows)), dict[str, Profile]()
        for name, part in self._parts(rows) if rows.num_rows else ():
            profiles = self._distances(found, period, name, part)
            held = held or profiles
        timely = self._calendar(held, past)
        told = [calendar.excused(n) if n.feature in timely and n.metric in MOVED else n for n in found.numbers]  # fmt: skip
        found.numbers[:] = [*told, *self._skewed(rows, period, told, held, past, timely)]
        found.numbers.extend(self._whole.numbers(rows, period, timely, past))
        return found

    def _calendar(self, held: Mapping[str, Profile], past: Past) -> frozenset[str]:
        """Return the features that move with the time alone, as far as their windows tell."""
        known = {each.feature for each in past.skew.values() if each.is_calendar}
        own, binnings = self._held.profiles, self._held.binnings
        still = [
            each.name
            for each in self._features()
            if each.name in held and calendar.steady(own[each.name], held[each.name], MIN_N)
        ]
        few = {each for each in known if each in held and held[each].n < MIN_N}
        unknown = [each for each in still if each not in known]
        before = past.profiles(unknown) if unknown else {}
        found = {
            each
            for each in unknown
            if calendar.turns(
                binnings[each], own[each], [*before.get(each, ()), held[each]], MIN_N
            )
        }  # fmt: skip
        return frozenset({*found, *few, *known.intersection(still)})

    def _skewed(
        self, rows: pa.Table, period: Period, told: Sequence[WindowMetric],
        held: Mapping[str, Profile], past: Past, timely: frozenset[str],
    ) -> Iterator[WindowMetric]:  # fmt: skip
        """Yield how far features were from training ever since, and which are written otherwise."""
        if not rows.num_rows:
            return
        features = self._features()
        for each in skew.today(told, {one.name: one.kind for one in features}):
            moves = each.feature in timely
            before = past.skew.get(each.feature)
            yield calendar.excused(each) if moves else skew.since_first(each, before)
        columns = [
            writing.Column(one, self._held.binnings[one.name], self._held.profiles[one.name], held[one.name])
            for one in features
        ]  # fmt: skip
        yield from writing.differences(
            self._held.table, rows, columns, period, min_n=MIN_N, calendar=timely
        )

    def _features(self) -> list[Watched]:
        return [each for each in self.monitor.columns if each.column.startswith("f_")]

    def _parts(self, rows: pa.Table) -> Iterator[tuple[str, pa.Table]]:
        """Yield all rows, then the largest levels of each pinned segment."""
        yield "", rows
        for column in self.monitor.segments:
            levels = labels(rows, f"s_{column}")
            counted = Counter(each for each in levels if each is not None)
            for level, _ in counted.most_common(LEVELS):
                yield segment(**{column: level}), rows.filter(pa.array(levels == level))

    def _distances(
        self, found: Found, period: Period, name: str, part: pa.Table
    ) -> dict[str, Profile]:
        """File profiles and distances of some rows; return the profiles by feature."""
        held: dict[str, Profile] = {}
        for column in self.monitor.columns:
            binning = self._held.binnings[column.name]
            rows = labelled_of(part) if column.name == "outcome" else part
            profile = reference.profile_of(rows, column, binning)
            held[column.name], packed = profile, codec.pack_profile(profile)
            found.profiles.append(StoredProfile(period.start, column.name, name, profile.n, packed))
            moved = distances(
                binning, self._held.profiles[column.name], profile, start=period.start,
                end=period.end, feature=column.name, min_n=MIN_N, segment=name,
            )  # fmt: skip
            found.numbers.extend(moved)
        return held


def own(days: Sequence[pa.Table], version: int, period: Period) -> pa.Table:
    """Return the rows of one version inside a period."""
    rows = frame.together([each for each in days if each.num_rows])
    return within(of_version(rows, version), period.start, period.end)


def of_version(rows: pa.Table, version: int) -> pa.Table:
    """Return the rows that one version answered."""
    if not rows.num_rows:
        return rows
    return rows.filter(frame.compute.equal(rows.column("version"), version))


def labelled_of(rows: pa.Table) -> pa.Table:
    """Return the rows whose outcome is known."""
    if "outcome" not in rows.column_names:
        return rows.slice(0, 0)
    return rows.filter(frame.compute.is_valid(rows.column("outcome")))
