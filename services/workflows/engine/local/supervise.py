"""The supervisor of one attempt: started apart, it outlives whoever asked for it.

It reads what is wanted from its standard input, so that no secret of a script is ever written down. It imports
the standard library only, and little of it: it stands beside every attempt as long as that runs.
"""

import json
import os
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from services.workflows.engine.local import processes
from services.workflows.engine.local.leases import Leases
from services.workflows.engine.local.place import (
    CANCEL,
    EXIT,
    LOG,
    STANDING,
    STARTED,
    Place,
)
from services.workflows.engine.local.sampling import Meter

PATIENCE = 5.0
TICK, WAIT = 0.1, 0.2
_GB = 1024**3
_HEADROOM = 1
"""GB above its memory that one process may reserve; what all of them hold is watched."""
BUSY = 75
_TRIES = 600


class Supervisor:
    """Watches one script from its start until nothing of it is left.

    Parameters
    ----------
    spec
        What is wanted, as :mod:`services.workflows.engine.local.engine` wrote it.
    """

    def __init__(self, place: Place, spec: dict[str, Any]) -> None:
        self._place = place
        self._spec = spec
        self._leases = Leases(spec["leases"], spec["mark"])
        self._started_at: float | None = None
        self._is_ending = False
        self._stop: tuple[str, str] | None = None
        self._bell, ring = os.pipe()
        os.set_blocking(ring, False)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._asked_to_leave)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)

    def _asked_to_leave(self, *_: object) -> None:
        self._is_ending = True

    def run(self) -> None:
        """Wait for its turn, run the script, and write how it ended."""
        self._place.write(STANDING, {"phase": "pending", "supervisor": os.getpid()})
        taken = self._wait_for_places()
        if taken is None:
            return self._ended({"exit_code": None, "usage": None, "finished_at": time.time()})
        gpus = [place.rpartition("-")[2] for place in taken[-1]]
        meter = Meter(self._place, len(gpus), _eyes(self._spec, gpus))
        child = self._launch(gpus)
        self._started_at = time.time()
        self._place.write(
            STANDING,
            {
                "phase": "running",
                "started_at": self._started_at,
                "supervisor": os.getpid(),
                "script": child,
            },
        )
        code = self._watch(child, meter)
        processes.sweep(self._spec["mark"], os.getpid())
        processes.reap()
        os.truncate(self._log, min(os.stat(self._log).st_size, self._spec["log_limit"]))  # noqa: PTH116
        how = {"exit_code": code, "usage": meter.close(), "finished_at": time.time()}
        self._leases.release()
        return self._ended(how)

    @property
    def _log(self) -> str:
        return self._place.path(LOG)

    def _ended(self, how: dict[str, Any]) -> None:
        """Write how it ended; a disk that is full is waited for, since hours of training hang on it."""
        state, reason = self._stop or _by_itself(how["exit_code"])
        told = {
            **how,
            "state": state,
            "reason": reason,
            "preempted": self._stop is _LEAVING,
            "started_at": self._started_at,
        }
        for _ in range(_TRIES):
            try:
                return self._place.write(EXIT, told)
            except FileNotFoundError:
                break
            except OSError:
                time.sleep(1)
        return None

    def _wait_for_places(self) -> list[list[str]] | None:
        """Return the places that were taken; None where it was stopped before its turn."""
        wanted = [(places, number) for places, number in self._spec["wanted"]]
        while (asked := self._asked()) is None:
            if (taken := self._leases.acquire(wanted)) is not None:
                return taken
            self._sleep(WAIT)
        self._stop = asked
        return None

    def _asked(self) -> tuple[str, str] | None:
        """Return what somebody asked for: a state and a reason."""
        if self._is_ending:
            return _LEAVING
        if self._place.has(CANCEL):
            return "cancelled", (self._place.read(CANCEL) or {}).get("reason", "")
        return None

    def _launch(self, gpus: list[str]) -> int:
        parent, child = os.getpid(), os.fork()
        if child == 0:
            try:
                self._become(parent, gpus)
            except OSError as error:
                os.write(2, f"{self._spec['command'][0]}: {error.strerror}\n".encode())
            finally:
                os._exit(127)
        return child

    def _become(self, parent: int, gpus: list[str]) -> None:
        """Turn this process into the script."""
        os.setsid()
        processes.die_with(parent)
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        if not gpus:
            reserved = int((self._spec["memory_gb"] + _HEADROOM) * _GB)
            resource.setrlimit(resource.RLIMIT_DATA, (reserved, reserved))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.chdir(self._spec["cwd"])
        visible = {"CUDA_VISIBLE_DEVICES": ",".join(gpus), "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
        command = self._spec["command"]
        os.execvpe(command[0], command, {**visible, **self._spec["environment"]})  # noqa: S606

    def _watch(self, child: int, meter: Meter) -> int:
        """Return the exit code of the script, once it ended."""
        kill_at = float("inf")
        while child not in (ended := processes.reap()):
            meter.sample()
            if self._stop is None and (asked := self._asked() or self._late(meter)) is not None:
                self._stop = asked
                processes.end(child, signal.Signals[self._spec["stop_signal"]])
                kill_at = time.monotonic() + self._spec["grace_seconds"]
            if (excess := self._excess(meter)) is not None:
                self._stop = self._stop or excess
                kill_at = 0.0
            if time.monotonic() > kill_at:
                processes.end(child, signal.SIGKILL)
            self._sleep(TICK)
        processes.end(-child, signal.SIGKILL)
        return ended[child]

    def _late(self, meter: Meter) -> tuple[str, str] | None:
        seconds = self._spec["seconds"]
        if meter.wall <= seconds:
            return None
        return "time_limit", f"It reached its time limit of {seconds:g} seconds."

    def _excess(self, meter: Meter) -> tuple[str, str] | None:
        """Return why it is ended without any grace: each moment makes it worse."""
        if meter.memory > self._spec["memory_gb"] * _GB:
            return "failed", f"It used more than its {self._spec['memory_gb']:g} GB of memory."
        if os.stat(self._log).st_size > self._spec["log_limit"]:  # noqa: PTH116 (see place)
            return "failed", f"It printed more than {self._spec['log_limit']:,} bytes."
        return None

    def _sleep(self, seconds: float) -> None:
        """Wait; a child that ends, or a signal, wakes it at once."""
        if select.select([self._bell], [], [], seconds)[0]:
            os.read(self._bell, 4096)


_LEAVING = ("failed", "The machine asked everything to stop; another attempt can go on from there.")


def _by_itself(code: int) -> tuple[str, str]:
    if code == 0:
        return "succeeded", ""
    if code < 0:
        name = signal.Signals(-code).name
        return "failed", f"The script was ended by {name}; perhaps the machine had no memory left."
    return "failed", f"The script ended with exit code {code}; the end of its log says why."


def _eyes(spec: dict[str, Any], gpus: list[str]) -> Callable[[], list[dict[str, Any]]] | None:
    """Return what looks at the allocated GPUs; None where there is nothing to look at."""
    if not gpus or not spec["nvml"]:
        return None
    sys.path.append(spec["nvml"])
    from services.workflows.engine.local.nvml_adapter import eyes

    return eyes([int(each) for each in gpus])


def main() -> int:
    """Become the supervisor of the attempt whose folder is named, and return at once."""
    place = Place(sys.argv[1])
    spec = json.loads(sys.stdin.buffer.read())
    try:
        lock = place.take_to_begin(PATIENCE)
    except TimeoutError:
        return BUSY
    if lock is None:
        return 0
    place.write(STARTED, {"at": time.time()})
    os.close(os.open(place.path(LOG), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    if os.fork() != 0:
        os._exit(0)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 (see place)
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    processes.adopt_orphans()
    try:
        Supervisor(place, spec).run()
    finally:
        processes.sweep(spec["mark"], os.getpid())
    return 0
