"""The store of what production looked like; pages and the gate read it, the worker writes it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from services.facts.window import lately, monitors, repository
from services.facts.window.types import (
    Granularity,
    Monitor,
    Seen,
    StoredBinning,
    StoredProfile,
    WindowMetric,
)
from services.kernel.error import NotFound


class Windows:
    """Monitors, profiles of windows, and the numbers that were worked out from them."""

    def monitors(self, session: Session, *, ended: bool = False) -> list[Monitor]:
        """Return the monitors of versions that serve, newest first; with ``ended`` all there ever were."""
        return [m for m in monitors.monitors(session) if ended or m.ended_at is None]

    def of_model(self, session: Session, name: str) -> list[Monitor]:
        """Return the monitors of one model: the one that serves first, then the newest."""
        found = monitors.monitors(session, name)
        return sorted(found, key=lambda each: each.ended_at is not None)

    def monitor(self, session: Session, monitor_id: str) -> Monitor:
        """Return one monitor.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        found = monitors.monitor(session, monitor_id)
        if found is None:
            raise NotFound("There is no such monitor.")
        return found

    def binning(self, session: Session, monitor_id: str, feature: str) -> StoredBinning:
        """Return the bins of one watched column.

        Raises
        ------
        NotFound
            When it is not watched.
        """
        found = monitors.binnings(session, monitor_id, feature)
        if not found:
            raise NotFound(f"{feature!r} is not watched.")
        return found[0]

    def binnings(self, session: Session, monitor_id: str) -> dict[str, StoredBinning]:
        """Return the bins of every watched column, by name."""
        return {each.feature: each for each in monitors.binnings(session, monitor_id)}

    def profiles(
        self,
        session: Session,
        monitor: Monitor,
        features: Sequence[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        segment: str = "",
    ) -> list[StoredProfile]:
        """Return profiles by window, oldest first; None means all features, all time."""
        return repository.profiles(
            session,
            monitor.monitor_id,
            monitor.granularity,
            features=features,
            since=since,
            until=until,
            segment=segment,
        )

    def numbers(
        self,
        session: Session,
        monitor: Monitor,
        *,
        metrics: Sequence[str] | None = None,
        feature: str | None = None,
        segment: str | None = "",
        since: datetime | None = None,
        until: datetime | None = None,
        granularity: Granularity | None = None,
    ) -> list[WindowMetric]:
        """Return numbers of a monitor, oldest window first.

        Parameters
        ----------
        segment
            Empty for all rows together; None for every segment.
        granularity
            None for the monitor's own.
        """
        found = repository.numbers(
            session,
            [monitor.monitor_id],
            granularity or monitor.granularity,
            metrics=metrics,
            feature=feature,
            segment=segment,
            since=since,
            until=until,
        )
        return [number for _, number in found]

    def recent(
        self, session: Session, monitors: Sequence[Monitor], metrics: Sequence[str], days: int,
        now: datetime,
    ) -> Mapping[str, list[WindowMetric]]:  # fmt: skip
        """Return numbers of many monitors over some days by monitor id, in one query."""
        ids = [each.monitor_id for each in monitors]
        own = {each.monitor_id: [] for each in monitors}
        found = repository.numbers(
            session, ids, None, metrics=metrics, since=now - timedelta(days=days)
        )
        for monitor_id, number in found:
            own[monitor_id].append(number)
        return own

    def seen(
        self,
        session: Session,
        monitor: Monitor,
        granularity: Granularity | None = None,
        since: datetime | None = None,
    ) -> list[Seen]:
        """Return the windows that were measured and begin at an instant or later, oldest first."""
        asked = granularity or monitor.granularity
        return repository.seen(session, monitor.monitor_id, asked, since)

    def last_rows(self, session: Session, name: str) -> datetime | None:
        """Return until when a model is known to have said something; None when it never did.

        Notes
        -----
        The end of the newest window with rows of any version, or when that was measured last where it
        is still open: it is measured again only when rows come in.
        """
        return repository.last_rows(session, name)

    def last_seen(
        self, session: Session, monitor: Monitor, granularity: Granularity
    ) -> datetime | None:
        """Return when the newest window that was measured begins; None before the first."""
        return repository.last_seen(session, monitor.monitor_id, granularity)

    def last(self, session: Session, its: Sequence[Monitor]) -> Mapping[str, Seen]:
        """Return the newest window with rows by monitor id, in the monitor's own rhythm."""
        return lately.last(session, [each.monitor_id for each in its])

    def totals(self, session: Session, its: Sequence[Monitor]) -> Mapping[str, tuple[int, int]]:
        """Return rows, and rows whose outcome is known, of all windows together by monitor id."""
        return lately.totals(session, [each.monitor_id for each in its])

    def newest(
        self, session: Session, its: Sequence[Monitor], metrics: Sequence[str]
    ) -> Mapping[str, list[WindowMetric]]:
        """Return what many monitors last showed, by monitor id, oldest window first, in one query.

        Notes
        -----
        Of the newest closed window, and of the newest closed one of which some outcome is known.
        """
        own: dict[str, list[WindowMetric]] = {each.monitor_id: [] for each in its}
        for monitor_id, number in lately.numbers(session, list(own), metrics):
            own[monitor_id].append(number)
        return own

    # written by the worker, in an operational transaction

    def begin(self, session: Session, monitor: Monitor, binnings: Sequence[StoredBinning]) -> None:
        """Begin to watch a version."""
        monitors.add_monitor(session, monitor, binnings)

    def end(self, session: Session, monitor_id: str, at: datetime | None) -> None:
        """Note that a version serves no more; None: that it serves again."""
        monitors.end_monitor(session, monitor_id, at)

    def file(
        self,
        session: Session,
        monitor_id: str,
        granularity: Granularity,
        seen: Seen,
        profiles: Sequence[StoredProfile],
        numbers: Sequence[WindowMetric],
    ) -> None:
        """Store all that is known of one window in place of what was; twice is once."""
        repository.replace_window(session, monitor_id, granularity, seen, profiles, numbers)

    def add(
        self, session: Session, monitor_id: str, granularity: Granularity, number: WindowMetric
    ) -> None:
        """Store one number more about a window that was measured, in place of an earlier one."""
        repository.add_number(session, monitor_id, granularity, number)

    def forget(
        self, session: Session, its: Sequence[Monitor], granularity: Granularity, before: datetime
    ) -> None:
        """Let go of the windows of one length that began before an instant, of some monitors."""
        repository.forget(session, [each.monitor_id for each in its], granularity, before)
