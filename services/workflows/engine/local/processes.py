"""Processes of one attempt: found, counted, and ended without a remainder.

Imported by the supervisor: the standard library only, and little of it.
"""

import ctypes
import os
import signal
import sys
import time

MARK = "COUNTERSIGN_JOB_MARK"
"""Carried by every process of an attempt; by it they are found when their supervisor is dead."""
_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36
_LINUX = sys.platform.startswith("linux")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_ROUNDS = 200


def _prctl(option: int, value: int) -> None:
    if _LINUX:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def adopt_orphans() -> None:
    """Let what the script leaves behind become children of this process."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def die_with(parent: int) -> None:
    """Let this process end at once when its parent does."""
    _prctl(_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """Return all processes below one, the nearest first."""
    found, waiting = [], [pid]
    while waiting:
        below = [child for each in waiting for child in _children(each)]
        found.extend(below)
        waiting = below
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 (see place)
            found.extend(map(int, _read(f"/proc/{pid}/task/{thread}/children").split()))
    except OSError:
        return found
    return found


def marked(mark: str) -> list[int]:
    """Return the processes that carry an attempt's mark, but this one."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for name in os.listdir("/proc") if _LINUX else []:  # noqa: PTH208 (see place)
        if name.isdigit() and int(name) != os.getpid():
            try:
                variables = _read(f"/proc/{name}/environ").split(b"\0")
            except OSError:
                continue
            if wanted in variables:
                found.append(int(name))
    return found


def sweep(mark: str, root: int | None = None) -> int:
    """End every process of an attempt, again until none is left; return how many there were.

    A process can be asked to end while it starts another, so one look is not enough.

    Parameters
    ----------
    root
        The supervisor itself: what stands below it is ended too, whatever it carries.
    """
    ended: set[int] = set()
    for _ in range(_ROUNDS):
        below = descendants(root) if root is not None else []
        left = [pid for pid in {*marked(mark), *below} if not _is_dead(pid)]
        if not left:
            break
        for pid in left:
            end(pid, signal.SIGKILL)
        ended.update(left)
        time.sleep(0.005)
    return len(ended)


def _is_dead(pid: int) -> bool:
    try:
        return _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[0] in (b"Z", b"X")
    except OSError:
        return True


def end(pid: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def reap() -> dict[int, int]:
    """Return children that ended, with their exit codes; minus the signal that ended one."""
    found: dict[int, int] = {}
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        found[pid] = os.waitstatus_to_exitcode(status)


def used(pids: list[int]) -> float:
    """Return the processor seconds of processes, with those of their children that ended."""
    total = 0
    for pid in pids:
        try:
            fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:15]))
    return total / _TICKS


def resident(pids: list[int]) -> int:
    """Return the bytes of memory that processes hold; what several share is counted once."""
    if len(pids) == 1:
        return _resident(pids[0])
    return sum(map(_proportional, pids))


def _resident(pid: int) -> int:
    try:
        return int(_read(f"/proc/{pid}/statm").split()[1]) * _PAGE
    except OSError:
        return 0


def _proportional(pid: int) -> int:
    try:
        lines = _read(f"/proc/{pid}/smaps_rollup").splitlines()
    except OSError:
        return _resident(pid)
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:")), 0)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 (see place)
        return file.read()
