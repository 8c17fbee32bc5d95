"""What an attempt leaves in the folder that we share with a cluster: asked for here, written there.

Notes
-----
Whoever holds the lock of the folder attends to the attempt. Only the holder writes how it ended, here as
there; a node that comes late finds that and starts nothing.
"""

import fcntl
import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.kernel.error import InvalidInput, SourceUnavailable
from services.workflows.engine.order import order
from services.workflows.engine.types import AttemptSpec, GpuUse, Usage

NODE = Path(__file__).with_name("node")
PROGRAMS = ("attend.py", "gpus.py")
PATIENCE, STALE = 20.0, 30.0
STOPPED = "stopped"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Exit:
    """How an attempt ended, as it was written down.

    Attributes
    ----------
    state
        One of the engine's states, or ``stopped``: the cluster asked for it, and knows why.
    """

    state: str
    reason: str
    exit_code: int | None
    started_at: datetime | None
    finished_at: datetime
    preempted: bool = False


class AttemptFolder:
    """The folder of one attempt, within the folder of its job."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, spec: AttemptSpec) -> "AttemptFolder":
        """Return the folder of an attempt, whether it is there or not.

        Raises
        ------
        InvalidInput
            When its id cannot be the name of a folder, or its command is empty.
        """
        if not _ID.fullmatch(spec.attempt_id) or not spec.command:
            raise InvalidInput(
                "An attempt has an id of letters, digits and hyphens, and a command."
            )
        return cls(spec.folder.absolute() / "attempts" / spec.attempt_id)

    def lay(self, spec: AttemptSpec) -> None:
        """Write down what a node needs to know; done again it changes nothing.

        Raises
        ------
        SourceUnavailable
            When the shared folder does not take it.
        """
        if self.exists:
            return
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in PROGRAMS:
                self._write(name, (NODE / name).read_text(encoding="utf-8"))
            self._write("order.json", json.dumps(order(spec)))
        except OSError as error:
            raise SourceUnavailable("The shared folder of jobs cannot be written to.") from error

    def entry(self, python: str) -> tuple[str, ...]:
        """Return the command that a node runs."""
        return (python, str(self.path / "attend.py"), str(self.path))

    @contextmanager
    def submitting(self) -> Iterator[None]:
        """Let one process at a time hand the attempt to the cluster.

        Raises
        ------
        SourceUnavailable
            When another one does not come to an end.
        """
        turn = os.open(self._path("turn"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        until = time.monotonic() + PATIENCE
        try:
            while not _taken(turn):
                if time.monotonic() > until:
                    raise SourceUnavailable("Somebody else hands this attempt over; ask again.")
                time.sleep(0.05)
            yield
        finally:
            os.close(turn)

    @property
    def ref(self) -> str | None:
        """Return the cluster's own name for it; None before it was handed over."""
        found = self._read("submitted.json")
        return str(found["ref"]) if found else None

    def submitted(self, ref: str) -> None:
        """Note the cluster's own name for it."""
        self._write("submitted.json", json.dumps({"ref": ref}))

    def stop(self, reason: str) -> None:
        """Ask whoever attends to it, or will, to stop; the first reason stays."""
        if self.path.exists() and not self._path("stop").exists():
            self._write("stop", reason)

    def bury(self, end: Exit) -> bool:
        """Write how it ended in place of a node, unless one attends to it; tell whether it is over.

        Notes
        -----
        It is written under the lock that a node must take, so a node that comes late finds it.
        """
        if not self.exists:
            return True
        lock = os.open(self._path("lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _taken(lock):
                return False
            known = self.exit
            if known is None or known.state == STOPPED:
                self._write("exit.json", json.dumps(_facts(end)))
            return True
        finally:
            os.close(lock)

    @property
    def exists(self) -> bool:
        """Tell whether anything is known of it here."""
        return self._path("order.json").exists()

    @property
    def asked(self) -> tuple[str, float] | None:
        """Return why it was asked to stop, and how many seconds ago; None when it was not."""
        path = self._path("stop")
        try:
            return path.read_text(encoding="utf-8").strip(), time.time() - path.stat().st_mtime
        except OSError:
            return None

    @property
    def grace_seconds(self) -> float:
        """Return how long it may take to stop."""
        return float((self._read("order.json") or {}).get("grace_seconds", 0.0))

    @property
    def begun_at(self) -> datetime | None:
        """Return when a node began; None while none has."""
        found = self._read("begun.json")
        return _instant(found["at"]) if found else None

    @property
    def exit(self) -> Exit | None:
        """Return how it ended; None while nobody wrote that."""
        found = self._read("exit.json")
        if found is None:
            return None
        started = found["started_at"]
        return Exit(
            str(found["state"]),
            str(found["reason"]),
            found["exit_code"],
            _instant(started) if started else None,
            _instant(found["finished_at"]),
            bool(found.get("preempted")),
        )

    @property
    def usage(self) -> Usage | None:
        """Return what it used, as the node wrote last; None before it wrote anything."""
        used, order = self._read("alive.json"), self._read("order.json")
        if used is None or order is None:
            return None
        of_gpus = _fresh(self._read("gpus.json") or {}, used["at"])
        idle = of_gpus.get("gpu_idle_since")
        return Usage(
            _instant(used["at"]), used["wall_seconds"], used["cpu_seconds"], used["memory_mb"],
            gpu_seconds=order["gpus"] * used["wall_seconds"],
            gpu_busy_share=of_gpus.get("gpu_busy_share"),
            gpu_idle_since=_instant(idle) if idle else None,
            gpus=tuple(GpuUse(**each) for each in of_gpus.get("gpus", ())),
        )  # fmt: skip

    def log(self, offset: int, limit: int) -> bytes | None:
        """Return what it printed from a byte on; None while there is no log."""
        try:
            with self._path("log").open("rb") as log:
                log.seek(offset)
                return log.read(limit)
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        return self.path / name

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            return json.loads(self._path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _write(self, name: str, text: str) -> None:
        aside = self._path(f"{name}.{os.getpid()}")
        aside.touch(mode=0o600)
        aside.write_text(text, encoding="utf-8")
        aside.replace(self._path(name))


def _fresh(of_gpus: dict[str, Any], now: float) -> dict[str, Any]:
    """Return what GPUs said; of old words the mean alone: what they do now is unknown."""
    old = now - of_gpus.get("at", now) > STALE
    return {"gpu_busy_share": of_gpus.get("gpu_busy_share")} if old else of_gpus


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _facts(end: Exit) -> dict[str, Any]:
    began = end.started_at.timestamp() if end.started_at else None
    return {**asdict(end), "started_at": began, "finished_at": end.finished_at.timestamp()}


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
