"""Measuring one window: the pure instruments over its rows, one after the other."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import pyarrow as pa

from services.facts.drift import calendar, codec, skew, writing
from services.facts.drift.types import Profile
from services.facts.drift.window import distances
from services.facts.evidence.types import parse_segment, segment
from services.facts.prediction import patterns
from services.facts.prediction.columns import labels
from services.facts.window.types import (
    Monitor,
    Seen,
    StoredBinning,
    StoredProfile,
    Watched,
    WindowMetric,
)
from services.kernel.period import Period
from services.workflows.monitoring import keeping, reference
from services.workflows.monitoring.gathering import MOST, Gathered, Profiles, Sample, corrected
from services.workflows.monitoring.instruments import MIN_N, Whole
from services.workflows.monitoring.past import NO_PAST, Past
from services.workflows.monitoring.reference import Reference
from services.workflows.monitoring.rows import labelled_of
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
        labelled = labelled_of(rows).num_rows
        found = Found(self._seen(due, rows.num_rows, labelled, now), callers=patterns.queries(rows))
        parts = dict(self._parts(rows))
        profiles = {name: self._profiles(part) for name, part in parts.items()}
        self._rest(found, parts, due.period, profiles, past)
        return found

    def long(
        self,
        days: Iterable[pa.Table],
        due: Due,
        now: datetime,
        past: Past = NO_PAST,
        most: int = MOST,
    ) -> tuple[Found, pa.Table]:
        """Measure a window that is too long to be held; return a sample of its rows beside it.

        Parameters
        ----------
        days
            The rows of the version inside the window, a day at a time.
        most
            Rows of the sample.
        """
        held = Gathered(sample=Sample(most))
        for rows in days:
            parts = dict(self._parts(rows))
            held.add(parts, {name: self._profiles(part) for name, part in parts.items()})
        rows = held.sample.rows()
        found = Found(self._seen(due, held.rows, held.labelled, now), callers=held.callers)
        profiles = self._largest(held.profiles)
        parts = {name: part for name, part in self._parts(rows) if name in profiles}
        self._rest(found, parts, due.period, profiles, past)
        found.numbers[:] = corrected(found.numbers, held, due.period)
        return found, rows

    def _seen(self, due: Due, rows: int, labelled: int, now: datetime) -> Seen:
        return Seen(due.period.start, due.period.end, rows, labelled, due.stamp, now, due.closed)

    def _largest(self, profiles: Profiles) -> Profiles:
        """Return the profiles of all rows, and of the largest levels of each pinned segment."""
        found = {"": profiles.get("", {})}
        for column in self.monitor.segments:
            its = {n: p for n, p in profiles.items() if column in parse_segment(n)}
            rows = {n: max((each.rows for each in p.values()), default=0) for n, p in its.items()}
            found |= {n: its[n] for n in sorted(its, key=lambda n: -rows[n])[:LEVELS]}
        return found

    def _rest(
        self, found: Found, parts: Mapping[str, pa.Table], period: Period, profiles: Profiles,
        past: Past,
    ) -> None:  # fmt: skip
        """Fill in what follows from profiles and rows, of the window and of its pinned segments."""
        rows = parts[""]
        for name, its in profiles.items() if rows.num_rows else ():
            self._distances(found, period, name, its)
        held = profiles.get("", {})
        timely = self._calendar(held, past)
        told = [calendar.excused(n) if n.feature in timely and n.metric in MOVED else n for n in found.numbers]  # fmt: skip
        found.numbers[:] = [*told, *self._skewed(rows, period, told, held, past, timely)]
        kept_out = keeping.withheld_of(rows, self._features(), past.decisions, period)
        found.numbers[:] = [keeping.excused(each, kept_out) for each in found.numbers]
        passed = {*timely, *kept_out}
        found.numbers.extend(self._whole.numbers(rows, period, passed, past, kept_out))
        for name, part in parts.items():
            if name:
                found.numbers.extend(
                    self._whole.of_segment(part, period, name, passed, kept_out)
                )  # fmt: skip

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
            if each.feature in timely:
                yield calendar.excused(each)
            else:
                yield self._since_first(each, held[each.feature], past)
        columns = [
            writing.Column(one, self._held.binnings[one.name], self._held.profiles[one.name], held[one.name])
            for one in features
        ]  # fmt: skip
        yield from writing.differences(
            self._held.table, rows, columns, period, min_n=MIN_N, calendar=timely
        )

    def _since_first(self, now: WindowMetric, current: Profile, past: Past) -> WindowMetric:
        """Return the skew of a feature; where it was never near, its last windows together are asked."""
        name, found = now.feature, skew.since_first(now, past.skew.get(now.feature))
        if found.value is None or found.value <= skew.NEAR:
            return found
        before = [each for each in past.profiles([name]).get(name, ()) if each.n]
        if not before or not current.n:
            return found
        binning, own = self._held.binnings[name], self._held.profiles[name]
        return skew.since_first(skew.together(now, binning, own, [*before, current]), found)

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

    def _profiles(self, part: pa.Table) -> dict[str, Profile]:
        """Return the profiles of some rows by feature."""
        known = labelled_of(part)
        return {
            each.name: reference.profile_of(
                known if each.name == "outcome" else part, each, self._held.binnings[each.name]
            )
            for each in self.monitor.columns
        }

    def _distances(
        self, found: Found, period: Period, name: str, profiles: Mapping[str, Profile]
    ) -> None:
        """File profiles and distances of some rows."""
        for feature, profile in profiles.items():
            packed = codec.pack_profile(profile)
            found.profiles.append(StoredProfile(period.start, feature, name, profile.n, packed))
            moved = distances(
                self._held.binnings[feature], self._held.profiles[feature], profile,
                start=period.start, end=period.end, feature=feature, min_n=MIN_N, segment=name,
            )  # fmt: skip
            found.numbers.extend(moved)
