"""Who is watched, and when it is time to look: asked for by itself, never by a click."""

from collections.abc import Callable, Iterator
from datetime import date

import structlog
from sqlmodel import Session

from services.facts.registry.service import Registry
from services.facts.window.rules import window_of
from services.facts.window.service import Windows
from services.facts.window.types import Monitor
from services.kernel.error import IntegrityBroken
from services.kernel.identity import SYSTEM, ModelRef
from services.record.canonical import sha256_hex
from services.record.task.service import Tasks
from services.record.trail.unit_of_work import Store
from services.standards.governance.service import Governance
from services.workflows.feed.types import KIND as FEED
from services.workflows.monitoring.plan import PATIENCE, due, midnight
from services.workflows.monitoring.settled import UNKNOWN, Settled
from services.workflows.monitoring.types import Rows

KIND = "monitoring"
log = structlog.get_logger(__name__)


class Watch:
    """Asks for the measuring of every governed version that an alias points at.

    Parameters
    ----------
    has_evaluation
        Whether a version's run logged an evaluation set, as far as is known: without one there is
        nothing to compare with, and nothing is asked for.
    """

    def __init__(
        self,
        store: Store,
        tasks: Tasks,
        registry: Registry,
        governance: Governance,
        windows: Windows,
        *,
        rows: Rows,
        has_evaluation: Callable[[Session, ModelRef], bool],
    ) -> None:
        self._store, self._tasks, self._rows = store, tasks, rows
        self._registry, self._governance, self._windows = registry, governance, windows
        self._has_evaluation = has_evaluation
        self._evaluated: set[ModelRef] = set()
        self._settled: dict[str, Settled] = {}
        self._looked_at = store.clock.now()

    def look(self) -> int:
        """Ask for what is due; end monitors whose version serves no more; return how many were asked."""
        self._notice_time()
        serving, known = self._standing()
        self._begin_and_end(serving, known)
        return sum(
            self.ask(ref, SYSTEM.id, f"{ref.run_id}:{stamp}")
            for ref, stamp in self._wanted(serving, known)
        )

    def unasked(self) -> list[ModelRef]:
        """Return the versions that will be measured at the next look."""
        return [ref for ref, _ in self._wanted(*self._standing())]

    def ask(self, ref: ModelRef, requested_by: str, key: str) -> bool:
        """Ask for the measuring of one version; the same key asks once."""
        with self._store.operational() as session:
            self._tasks.request(
                session,
                KIND,
                ("model", ref.name),
                {
                    "name": ref.name,
                    "version": ref.version,
                    "run_id": ref.run_id,
                    "partition": ref.name,
                },
                requested_by=requested_by,
                key=f"monitoring:{ref.name}:{ref.version}:{key}",
            )
        return True

    def _notice_time(self) -> None:
        """Say so where the clock was set back: what was measured stays, and is looked at again in time."""
        now = self._store.clock.now()
        if now < self._looked_at:
            log.warning("the clock was set back", now=now, before=self._looked_at)
        self._looked_at = now

    def _standing(self) -> tuple[list[ModelRef], list[Monitor]]:
        with self._store.reading() as session:
            return self._serving(session), self._windows.monitors(session, ended=True)

    def _wanted(
        self, serving: list[ModelRef], known: list[Monitor]
    ) -> Iterator[tuple[ModelRef, str]]:
        """Yield what is due and not being done, each with a stamp of what it would rest on."""
        busy = {str(t.payload["name"]) for t in self._tasks.open("batch") if t.kind in (KIND, FEED)}
        monitors = {each.ref: each for each in known}
        for ref in serving:
            try:
                stamp = "" if ref.name in busy else self._due(ref, monitors.get(ref))
            except IntegrityBroken as error:
                log.error("cannot be watched", model=ref.name, reason=error.message)
                continue
            if stamp:
                yield ref, stamp

    def _serving(self, session: Session) -> list[ModelRef]:
        """Return the versions of governed models that some alias points at, each once."""
        governed = {model.name for model in self._governance.all(session)}
        found = [each for each in self._registry.serving(session) if each.name in governed]
        return [each for each in found if self._is_evaluated(session, each)]

    def _is_evaluated(self, session: Session, ref: ModelRef) -> bool:
        """Return whether a version has an evaluation; one that has it keeps it."""
        if ref not in self._evaluated and self._has_evaluation(session, ref):
            self._evaluated.add(ref)
        return ref in self._evaluated

    def _begin_and_end(self, serving: list[ModelRef], known: list[Monitor]) -> None:
        now, held = self._store.clock.now(), set(serving)
        changed = [each for each in known if (each.ref in held) == (each.ended_at is not None)]
        if changed:
            with self._store.operational() as session:
                for each in changed:
                    self._windows.end(session, each.monitor_id, None if each.ref in held else now)

    def _due(self, ref: ModelRef, monitor: Monitor | None) -> str:
        """Return a stamp of what is due; empty where nothing is.

        Notes
        -----
        A monitor that could not be made is tried again four times a day: its source may be back.
        """
        now = self._store.clock.now()
        if monitor is None:
            return f"first {now.date()} {now.hour // 6}"
        states = self._rows.states(ref.name)
        since = self._settled.get(monitor.monitor_id, UNKNOWN).since(states, now)
        if since is None:
            return ""
        first = window_of(midnight(since), monitor.granularity).start if since > date.min else None
        with self._store.reading() as session:
            seen = self._windows.seen(session, monitor, since=first)
        tallies = self._rows.tallies(ref.name, first.date() if first else date.min)
        windows = due(tallies, seen, monitor.granularity, now, monitor.made_at)
        if not windows:
            running = window_of(now, monitor.granularity)
            waits = [s.measured_at + PATIENCE for s in seen if not s.closed]
            until = min([running.end, *(each for each in waits if each > now)])
            settled = Settled(now, running.start.date(), until, states)
            self._settled[monitor.monitor_id] = settled
        told = "\n".join(f"{w.period.start} {w.stamp} {w.closed}" for w in windows)
        return sha256_hex(told.encode())[:32] if windows else ""
