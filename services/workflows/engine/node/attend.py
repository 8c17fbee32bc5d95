"""Attends to one attempt on a node of a cluster, from its start until nothing of it is left.

Notes
-----
A copy of this file stands beside every attempt in the shared folder, so that a node needs Python
and nothing of ours. Who holds the lock attends; an attempt that was called off, or was begun before,
never starts. How it ended stands in ``exit.json``, written once and last.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

LOOK_EVERY, BEAT_EVERY = 0.1, 1.0
PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "TMPDIR")
BUSY_ELSEWHERE = 75
ASKED = "The cluster asked it to stop."
_SUBREAPER, _DEATH_SIGNAL = 36, 1


class Attempt:
    """One attempt: its folder, its order, its process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._order: dict[str, Any] = json.loads(
            (folder / "order.json").read_text(encoding="utf-8")
        )
        self._asked: list[str] = []
        self._began = self._ended = 0.0
        self._memory = 0.0
        self._code: int | None = None

    def run(self) -> int:
        """Run it, unless it was called off or begun before; return the exit code for the cluster."""
        if (self._folder / "exit.json").exists():
            return 0
        if (self._folder / "stop").exists():
            return self._end("cancelled", self._why_stopped())
        if (self._folder / "begun.json").exists():
            return self._end("lost", "It was begun before; an attempt never runs twice.")
        self._began = time.time()
        about = {"at": self._began, "host": socket.gethostname(), "pid": os.getpid()}
        write(self._folder / "begun.json", about)
        signal.signal(signal.SIGTERM, lambda *_: self._asked.append("term"))
        signal.signal(signal.SIGINT, lambda *_: self._asked.append("term"))
        control(_SUBREAPER, 1)
        try:
            with (self._folder / "log").open("ab") as log:
                process = self._start(log)
        except OSError as error:
            program, reason = self._order["command"][0], os.strerror(error.errno or 0)
            return self._end("failed", f"{program} cannot be started: {reason}.")
        self._watch_gpus()
        return self._end(*self._attend(process.pid))

    def _start(self, log: Any) -> subprocess.Popen[bytes]:
        kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        return subprocess.Popen(
            self._order["command"], cwd=self._order["directory"], stdin=subprocess.DEVNULL,
            env={**kept, **self._order["environment"]}, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True, preexec_fn=lambda: control(_DEATH_SIGNAL, signal.SIGKILL),
        )  # fmt: skip

    def _watch_gpus(self) -> None:
        program = self._folder / "gpus.py"
        if self._order["gpus"] and program.exists():
            subprocess.Popen(
                [sys.executable, program, self._folder / "gpus.json", str(self._order["gpus"])],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

    def _attend(self, pid: int) -> tuple[str, str]:
        """Watch until it is over; return the state and why."""
        state, why, kill_at, beat_at = "", "", 0.0, 0.0
        while not self._is_over(pid):
            now = time.time()
            if not state:
                state, why, grace = self._reason(now)
                if state:
                    kill_at = now + grace
                    os.kill(pid, self._stop_signal if grace else signal.SIGKILL)
            elif now >= kill_at:
                to_group(pid, signal.SIGKILL)
            if now - beat_at >= BEAT_EVERY:
                beat_at = now
                self._beat(pid)
            time.sleep(LOOK_EVERY)
        self._ended = time.time()
        sweep(pid)
        self._beat(pid)
        log = self._folder / "log"
        os.truncate(log, min(log.stat().st_size, self._order["log_limit"]))
        if not state and self._code and self._asked:
            return "stopped", ASKED
        return (state, why) if state else ended(self._code or 0)

    @property
    def _stop_signal(self) -> signal.Signals:
        return signal.Signals[self._order.get("stop_signal", "SIGTERM")]

    def _is_over(self, pid: int) -> bool:
        """Reap whatever ended; tell whether the process itself is among it."""
        while self._code is None:
            try:
                done, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                self._code = 255
                break
            if done == 0:
                break
            if done == pid:
                self._code = -(status & 127) if status & 127 else status >> 8
        return self._code is not None

    def _reason(self, now: float) -> tuple[str, str, float]:
        """Return why it must end now: a state, a sentence, and the grace; empty while it may go on."""
        grace, seconds = float(self._order["grace_seconds"]), self._order["seconds"]
        if (self._folder / "stop").exists():
            return "cancelled", self._why_stopped(), grace
        if self._asked:
            return "stopped", ASKED, grace
        if now - self._began >= seconds:
            return "time_limit", f"It ran for its {seconds:g} seconds.", grace
        if (self._folder / "log").stat().st_size > self._order["log_limit"]:
            return "failed", f"It printed more than {self._order['log_limit']:,} bytes.", 0.0
        if self._memory > self._order["memory_mb"]:
            return (
                "failed",
                f"It used more than its {self._order['memory_mb']:,g} MB of memory.",
                0.0,
            )
        return "", "", 0.0

    def _why_stopped(self) -> str:
        return (self._folder / "stop").read_text(encoding="utf-8").strip() or "It was cancelled."

    def _beat(self, pid: int) -> None:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds, self._memory = measured(pid)
        facts = {"at": time.time(), "wall_seconds": (self._ended or time.time()) - self._began}
        facts["cpu_seconds"] = used.ru_utime + used.ru_stime + seconds
        facts["memory_mb"] = max(used.ru_maxrss / 1024, self._memory)
        write(self._folder / "alive.json", facts)

    def _end(self, state: str, why: str) -> int:
        facts: dict[str, Any] = {"state": state, "reason": why, "exit_code": self._code}
        facts["started_at"] = self._began or None
        facts.update(finished_at=self._ended or time.time(), preempted=state == "lost")
        write(self._folder / "exit.json", facts)
        return 0 if state in ("succeeded", "cancelled") else 1


def ended(code: int) -> tuple[str, str]:
    """Return the state and the reason that an exit code of a script stands for."""
    if code == 0:
        return "succeeded", ""
    if code < 0:
        name = signal.Signals(-code).name
        return "failed", f"The script was ended by {name}; perhaps the node had no memory left."
    return "failed", f"The script ended with exit code {code}; the end of its log says why."


def control(option: int, value: int) -> None:
    """Ask the kernel for something, where it is Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def to_group(pid: int, number: int) -> None:
    """Send a signal to a process and all that stand in its group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def sweep(pid: int) -> None:
    """Kill what a process left behind: its group, and whatever was handed over to us."""
    to_group(pid, signal.SIGKILL)
    for _ in range(50):
        for each, parent, _session, _ticks, _pages in processes():
            if parent == os.getpid():
                os.kill(each, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.02)


def measured(session: int) -> tuple[float, float]:
    """Return CPU seconds and megabytes of all processes of a session."""
    mine = [each for each in processes() if each[2] == session]
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return sum(e[3] for e in mine) / ticks, sum(e[4] for e in mine) * page / 1024 / 1024


def processes() -> list[tuple[int, int, int, int, int]]:
    """Return pid, parent, session, CPU ticks and resident pages of every process that can be read."""
    found: list[tuple[int, int, int, int, int]] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parts = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        pid, (parent, session) = int(path.parent.name), (int(parts[1]), int(parts[3]))
        found.append((pid, parent, session, int(parts[11]) + int(parts[12]), int(parts[21])))
    return found


def write(path: Path, facts: dict[str, Any]) -> None:
    """Write a file whole or not at all."""
    aside = path.with_suffix(".tmp")
    aside.write_text(json.dumps(facts), encoding="utf-8")
    aside.replace(path)


def main(folder: Path) -> int:
    """Attend to the attempt of a folder, unless somebody does."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return BUSY_ELSEWHERE
    return Attempt(folder).run()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
