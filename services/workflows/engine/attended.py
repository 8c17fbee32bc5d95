"""An engine on a cluster that shares a folder with us: its scheduler starts, our program attends.

Notes
-----
How an attempt ended is read from its folder, where the program on the node wrote it. The scheduler is
asked only about what has not ended there, and its silence is *unknown*. Whatever we conclude ourselves
is written there too, under the lock that a node must take: nothing that comes late runs beside the next.
"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from services.kernel.clock import Clock
from services.kernel.error import InvalidInput, SourceUnavailable
from services.standards.engine.types import Connection, EngineKind
from services.workflows.engine.attempt_folder import STOPPED, AttemptFolder, Exit
from services.workflows.engine.key import AttemptKey
from services.workflows.engine.scheduler import GONE, Scheduler, Seen
from services.workflows.engine.types import (
    AttemptSpec,
    Capabilities,
    EngineState,
    Handle,
    Status,
)

S = EngineState
SETTLES = timedelta(seconds=5)
"""How long the last words of a node may take to reach us over the shared folder."""
OVERDUE = 20.0
"""Seconds after the grace when the scheduler is told to end what does not stop by itself."""


class AttendedEngine:
    """The port of an engine over a scheduler and a shared folder."""

    def __init__(self, connection: Connection, scheduler: Scheduler, clock: Clock) -> None:
        self._connection, self._scheduler, self._clock = connection, scheduler, clock

    @property
    def name(self) -> str:
        """Return its name."""
        return self._connection.name

    @property
    def capabilities(self) -> Capabilities:
        """Return what it has and can do."""
        return Capabilities(
            gpus=self._connection.gpus,
            gpu_type=self._connection.gpu_type,
            most_at_once=None,
            stops_pending=True,
            limits_time=True,
            runs_images=self._connection.kind is EngineKind.KUBERNETES,
            has_spot=bool(self._connection.spot),
        )

    def submit(self, spec: AttemptSpec) -> Handle:
        """Hand an attempt to the cluster, once.

        Raises
        ------
        InvalidInput
            When the cluster can never run it.
        SourceUnavailable
            When nobody can tell; submit it again.
        """
        _fits(self._connection, spec)
        folder = AttemptFolder.of(spec)
        ref = folder.ref
        if ref is None:
            self._scheduler.check(spec)
            folder.lay(spec)
            with folder.submitting():
                ref = folder.ref or self._scheduler.find(spec.attempt_id)
                ref = ref or self._scheduler.start(spec, folder)
                folder.submitted(ref)
        return self._handle(spec.attempt_id, ref, folder)

    def find(self, key: AttemptKey) -> Handle | None:
        """Return the handle of an attempt that was handed over; None when it never was.

        Raises
        ------
        SourceUnavailable
            When the cluster does not answer, or somebody hands it over just now.
        """
        folder = AttemptFolder(key.place)
        if not folder.exists and key.folder.is_dir():
            return None
        ref = folder.ref
        if ref is None and folder.exists:
            with folder.submitting():
                ref = folder.ref or self._scheduler.find(key.attempt_id)
                if ref is not None:
                    folder.submitted(ref)
        elif ref is None:
            ref = self._scheduler.find(key.attempt_id)
        return self._handle(key.attempt_id, ref, folder) if ref is not None else None

    def poll(self, handle: Handle) -> Status:
        """Return where an attempt stands; *unknown* when nobody can tell."""
        folder, ref = _read(handle)
        if not folder.exists:
            return _no_trace(folder)
        ended = folder.exit
        if ended is not None and ended.state != STOPPED:
            return _over(folder, ended)
        try:
            seen = self._scheduler.look(ref)
            if not seen.state.is_over and _is_overdue(folder):
                self._scheduler.end(ref)
            found = self._end_of(seen, folder, ended)
            if found is not None and folder.bury(found):
                if seen.requeued:
                    self._scheduler.end(ref)
                return _over(folder, folder.exit or found)
        except SourceUnavailable as error:
            return Status(S.UNKNOWN, error.message, started_at=folder.begun_at, usage=folder.usage)
        begun = folder.begun_at
        state = S.RUNNING if begun else S.PENDING
        return Status(state, seen.reason, started_at=begun, usage=folder.usage)

    def logs(self, handle: Handle, offset: int, limit: int = 65536) -> tuple[bytes, int]:
        """Return what was printed; of one that never began, what the cluster printed.

        Raises
        ------
        SourceUnavailable
            When the cluster does not answer.
        """
        folder, ref = _read(handle)
        found = folder.log(offset, limit)
        if found is None:
            in_vain = folder.exit is not None and folder.begun_at is None
            found = self._scheduler.words(ref)[offset : offset + limit] if in_vain else b""
        return found, offset + len(found)

    def cancel(self, handle: Handle, reason: str) -> None:
        """Ask an attempt to stop: what waits never starts, what runs has its grace.

        Raises
        ------
        SourceUnavailable
            When the cluster does not answer; it is stopped all the same.
        """
        folder, ref = _read(handle)
        if folder.exit is not None or not folder.exists:
            return
        folder.stop(reason)
        if folder.begun_at is None and folder.bury(self._called_off(reason)):
            self._scheduler.end(ref)

    def trial(self) -> str:
        """Return one sentence about the cluster, asked now."""
        return self._scheduler.trial()

    def _handle(self, attempt_id: str, ref: str, folder: AttemptFolder) -> Handle:
        text = json.dumps({"ref": ref, "folder": str(folder.path)}, sort_keys=True)
        return Handle(self.name, attempt_id, text)

    def _end_of(self, seen: Seen, folder: AttemptFolder, ended: Exit | None) -> Exit | None:
        """Return how an attempt ended that left no last word; None while it goes on."""
        if folder.begun_at is None and folder.asked is not None:
            return self._called_off(folder.asked[0])
        if seen.requeued and folder.begun_at is not None:
            seen = replace(seen, state=S.LOST, preempted=True)
        settles = seen.ended_at is not None and self._clock.now() - seen.ended_at < SETTLES
        if not seen.state.is_over or (settles and ended is None):
            return None
        state, reason = self._judged(seen, folder)
        usage = folder.usage
        at = seen.ended_at or (usage.at if usage else self._clock.now())
        if ended is None:
            return Exit(state.value, reason, None, folder.begun_at, at, seen.preempted)
        words = seen.reason if seen.preempted or state is not S.LOST else ended.reason
        return replace(ended, state=state.value, reason=words, preempted=state is S.LOST)

    def _judged(self, seen: Seen, folder: AttemptFolder) -> tuple[EngineState, str]:
        if seen.state not in (S.FAILED, S.SUCCEEDED):
            return seen.state, seen.reason or GONE
        if folder.begun_at is not None:
            return S.LOST, seen.reason or GONE
        python = self._connection.address.get("python", "python3")
        return S.FAILED, (
            f"The cluster could not begin it ({seen.reason or 'no reason was given'}); its nodes need "
            f"the shared folder of jobs under the same path, and {python}."
        )

    def _called_off(self, reason: str) -> Exit:
        return Exit(S.CANCELLED.value, reason, None, None, self._clock.now())


def _fits(connection: Connection, spec: AttemptSpec) -> None:
    wanted = spec.resources
    if connection.gpus is not None and wanted.gpus > connection.gpus:
        raise InvalidInput(
            f"{wanted.gpus} GPUs are wanted and {connection.name} gives {connection.gpus} at most; "
            "ask for fewer, or choose another engine."
        )
    if wanted.gpus and wanted.gpu_type and connection.gpu_type not in ("", wanted.gpu_type):
        raise InvalidInput(
            f"{wanted.gpu_type} is wanted and {connection.name} has {connection.gpu_type}; "
            "choose another engine."
        )


def _read(handle: Handle) -> tuple[AttemptFolder, str]:
    held = json.loads(handle.ref)
    return AttemptFolder(Path(held["folder"])), str(held["ref"])


def _no_trace(folder: AttemptFolder) -> Status:
    if folder.path.parents[1].is_dir():
        return Status(S.LOST, "There is no trace of it in the folder of its job.")
    return Status(S.UNKNOWN, "The folder of its job is not there; is the share mounted?")


def _is_overdue(folder: AttemptFolder) -> bool:
    asked = folder.asked
    return asked is not None and asked[1] > folder.grace_seconds + OVERDUE


def _over(folder: AttemptFolder, ended: Exit) -> Status:
    return Status(
        S(ended.state), ended.reason, ended.exit_code, ended.started_at, ended.finished_at,
        folder.usage, ended.preempted,
    )  # fmt: skip
