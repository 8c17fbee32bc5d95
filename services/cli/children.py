"""The processes of a console: started, watched, started again, ended with everything below them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from services.workflows.engine.local import leaving

LARGEST_LOG = 20 * 1024 * 1024
DEATHS, WITHIN = 5, 60.0
MOST_WAIT = 4.0
GRACE = 7.0
_PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Let the kernel end this process when the one that started it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


@dataclass
class Child:
    """One process of the console, in a group of its own."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: list[float] = field(default_factory=list[float])
    again_at: float = 0.0

    def start(self) -> None:
        """Start it; its words go to the end of its log."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    @property
    def alive(self) -> bool:
        """Tell whether it runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int | None:
        """Return its id while it runs."""
        return self.process.pid if self.process and self.alive else None

    def look_after(self) -> bool:
        """Start it again when it died; tell whether it died too often."""
        if self.alive:
            return False
        now = time.monotonic()
        if self.again_at == 0.0:
            self.deaths = [at for at in self.deaths if now - at < WITHIN] + [now]
            self.again_at = now + min(MOST_WAIT, 0.5 * 2 ** (len(self.deaths) - 1))
        if len(self.deaths) >= DEATHS:
            return True
        if now >= self.again_at:
            self.again_at = 0.0
            self.start()
        return False

    def signal(self, number: int) -> None:
        """Send a signal to it and everything below it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)


def reap_strangers(children: list[Child]) -> int:
    """Collect processes that ended and were left to us; return how many.

    The first process of a container inherits what nobody else waits for, as supervisors of training.
    """
    ours, number = {child.process.pid for child in children if child.process}, 0
    while True:
        try:
            found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return number
        if found is None or found.si_pid in ours:
            return number
        os.waitpid(found.si_pid, 0)
        number += 1


def end(children: list[Child], jobs: Path, say: Callable[[str], None]) -> None:
    """End all of them: politely, and after seven seconds for good; and what trains on this machine.

    Parameters
    ----------
    jobs
        Below it lie the folders of what trains; that has two seconds more to write its checkpoint.
    """
    until = time.monotonic() + GRACE + 2.0
    if leaving.ask(jobs):
        say("Training writes its checkpoint, and goes on from there at the next start")
    _end(children, say)
    leaving.end(jobs, until)


def _end(children: list[Child], say: Callable[[str], None]) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(child.alive for child in children):
        time.sleep(0.1)
    for child in children:
        if child.alive:
            say(f"{child.name} did not end by itself")
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait()
