"""Several reconcilers over the same tickets, killed and paused at random; then everything is counted."""

import contextlib
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from services.decisions.retraining.types import ATTEMPT, Ticket, TicketState
from services.workflows.retraining.ports import JOB_TAG
from services.workflows.retraining.sweeping import Sweeping
from services.workflows.sync.service import Sync
from tests.chaos.nursery import Nursery
from tests.chaos.reconciler import Spec
from tests.support.forge import Forge, open_forge

SHARE, LEASE = "0.15", 2.0
PAUSES = ("version_checked", "run_checked")


@dataclass(frozen=True)
class Weather:
    """How rough it is.

    Attributes
    ----------
    every
        Seconds between kills from outside, from and to.
    seconds
        Then it must be over.
    """

    jobs: int = 8
    models: int = 4
    reconcilers: int = 3
    every: tuple[float, float] = (1.0, 3.0)
    seconds: float = 120.0
    seed: int = 1


@dataclass
class Report:
    """What came of it; ``wrong`` names everything that should not be."""

    jobs: int = 0
    versions: int = 0
    duplicates: int = 0
    orphans: int = 0
    seconds: float = 0.0
    attempts: int = 0
    kills: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])

    @property
    def line(self) -> str:
        """Return what ``make chaos`` prints."""
        return (
            f"jobs={self.jobs} versions={self.versions} duplicates={self.duplicates} "
            f"orphans={self.orphans}"
        )

    @property
    def more(self) -> str:
        """Return how rough it was."""
        kills = " ".join(f"{name}={count}" for name, count in sorted(self.kills.items()))
        return f"attempts={self.attempts} {kills} seconds={self.seconds:.0f}"


class Storm:
    """Keeps reconcilers going, and hits them."""

    def __init__(self, forge: Forge, spec: Spec, weather: Weather) -> None:
        self.forge, self.spec, self.weather = forge, spec, weather
        self.chance = random.Random(weather.seed)
        self.kills: Counter[str] = Counter()
        self._alive: set[int] = set()
        self._struck: set[int] = set()
        self._wakes: dict[int, float] = {}
        self._started = 0

    def blow(self) -> None:
        """Go on until every ticket is over, or the time is."""
        nursery = Nursery(Path(self.spec.home) / "reconcilers.log")
        until = time.monotonic() + self.weather.seconds
        strike = 0.0
        try:
            while time.monotonic() < until and self._left():
                self._keep_going(nursery)
                self._wake()
                if time.monotonic() > strike:
                    if strike:
                        self._strike()
                    strike = time.monotonic() + self.chance.uniform(*self.weather.every)
                time.sleep(0.1)
        finally:
            for pid in self._alive:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            nursery.close()

    def _left(self) -> bool:
        return any(each.kind == "retraining" for each in self.forge.services.tasks.open("batch"))

    def _keep_going(self, nursery: Nursery) -> None:
        for pid in [each for each in self._alive if state_of(each) in ("", "Z")]:
            self._alive.remove(pid)
            self.kills["self"] += pid not in self._struck
        while len(self._alive) < self.weather.reconcilers:
            self._started += 1
            more = {"COUNTERSIGN_TEST_CRASH_SHARE": SHARE}
            if self._started % 3 == 1:  # every third pauses once, past its lease, instead of dying
                more = {"COUNTERSIGN_TEST_PAUSE_AT": PAUSES[self._started // 3 % len(PAUSES)]}
            self._alive.add(nursery.bear(self.spec, more))

    def _strike(self) -> None:
        """Kill one of whatever there is: a reconciler, a supervisor, a script."""
        victims: dict[str, list[int]] = {"reconciler": sorted(self._alive - set(self._wakes))}
        for pid, kind in jobs_of(self.spec.home):
            victims.setdefault(kind, []).append(pid)
        kinds = sorted(kind for kind, pids in victims.items() if pids)
        if not kinds:
            return
        kind = self.chance.choice(kinds)
        pid = self.chance.choice(victims[kind])
        self._struck.add(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            self.kills[kind] += 1

    def _wake(self) -> None:
        """Wake whoever stopped itself, once its lease has long run out."""
        for pid in self._alive - set(self._wakes):
            if state_of(pid) == "T":
                self._wakes[pid] = time.monotonic() + 2.5 * LEASE
                self.kills["paused"] += 1
        for pid, at in list(self._wakes.items()):
            if time.monotonic() > at:
                del self._wakes[pid]
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
                    time.sleep(0.2)


def jobs_of(home: str) -> Iterator[tuple[int, str]]:
    """Yield the processes of attempts under a workspace: supervisors and scripts."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace")
            place = str((entry / "cwd").readlink())
            if place.startswith(f"{home}/jobs/tickets"):
                yield int(entry.name), "supervisor" if "local.supervise" in words else "script"


def state_of(pid: int) -> str:
    """Return the state of a process as the kernel says it, T for stopped; empty where it is no more."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return ""


def blow(home: Path, mlflow: str, database: str, saved: Path, weather: Weather) -> Report:
    """Open a workspace, let tickets be carried out in a storm, and count what came of it."""
    forge = open_forge(home, mlflow, database)
    forge.policy()
    prefix = f"storm-{os.urandom(3).hex()}"
    for number in range(weather.models):
        forge.model(f"{prefix}-{number}", saved)
        trace = home / "trace"
        forge.recipe(f"{prefix}-{number}", saved, attempts=90, steps=20, pause=0.1, trace=trace)
    tickets = [
        forge.ticket(f"{prefix}-{n % weather.models}", f"job-{n}") for n in range(weather.jobs)
    ]
    storm = Storm(forge, Spec(str(home), mlflow, database, LEASE), weather)
    begun = time.monotonic()
    storm.blow()
    seconds = time.monotonic() - begun
    Sync(forge.services.store, forge.tracking).look()
    swept = Sweeping(forge.parts, forge.services.registry).look()
    report = count(forge, tickets, home)
    storm.kills["swept"] = swept
    report.seconds, report.kills = seconds, storm.kills
    forge.close()
    return report


def count(forge: Forge, tickets: list[Ticket], home: Path) -> Report:
    """Count versions, runs, processes, leases and money."""
    report, now = Report(jobs=len(tickets)), [forge.standing(each) for each in tickets]
    for ticket in now:
        tagged = forge.tracking.versions_tagged(ticket.model, JOB_TAG, ticket.ticket_id)
        report.versions += len(tagged)
        report.duplicates += max(0, len(tagged) - 1)
        if ticket.state is not TicketState.REGISTERED:
            report.wrong.append(f"{ticket.ticket_id} is {ticket.state}: {ticket.state_reason}")
        elif [each.version for each in tagged] != [ticket.result_version]:
            report.wrong.append(f"{ticket.ticket_id} brought {ticket.result_version}, not {tagged}")
        report.orphans += _orphans(forge, ticket)
        _money(forge, ticket, report)
    left = [f"{kind} {pid}" for pid, kind in jobs_of(str(home))]
    report.orphans += len(left)
    report.wrong += [f"left over: {each}" for each in left]
    _twice(home, report)
    failures = home / "failures"
    report.wrong += failures.read_text().splitlines() if failures.exists() else []
    return report


def _orphans(forge: Forge, ticket: Ticket) -> int:
    """Count runs beside the ticket's own or that never end, and attempts that are not over."""
    experiment = forge.tracking.experiment(ticket.model)
    runs = forge.tracking.runs_tagged(experiment, JOB_TAG, ticket.ticket_id)
    orphans = sum(run.run_id != ticket.run_id or run.status == "RUNNING" for run in runs)
    return orphans + sum(not ATTEMPT.is_final(each.state) for each in forge.attempts(ticket))


def _money(forge: Forge, ticket: Ticket, report: Report) -> None:
    """Compare what the ticket says it spent with the lines of the ledger: each attempt once."""
    attempts = forge.attempts(ticket)
    report.attempts += len(attempts)
    with forge.services.store.reading() as session:
        lines = forge.services.ledger.of_ticket(session, ticket.ticket_id)
    sources = Counter(line.entry.source_id for line in lines)
    if any(number > 1 for number in sources.values()):
        report.wrong.append(f"{ticket.ticket_id} paid twice")
    total = sum(line.entry.amount.micros for line in lines if line.entry.amount)
    if ticket.spent is None or ticket.spent.micros != total:
        report.wrong.append(f"{ticket.ticket_id} spent {ticket.spent}, its ledger says {total}")
    charged = {source.split(":")[1] for source in sources}
    if charged - {each.attempt_id for each in attempts}:
        report.wrong.append(f"{ticket.ticket_id} pays for attempts that it never made")


def _twice(home: Path, report: Report) -> None:
    """Look whether a script was started twice for one attempt, or beside another."""
    trace = home / "trace"
    lines = trace.read_text().splitlines() if trace.exists() else []
    started = Counter(line for line in lines if line.startswith("start "))
    report.wrong += [f"twice: {line}" for line, number in started.items() if number > 1]
    report.wrong += [line for line in lines if line.startswith("beside ")]
