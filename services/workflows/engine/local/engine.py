"""The engine of this machine: attempts as process groups, each with a supervisor of its own."""

import contextlib
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

from services.kernel.error import SourceUnavailable
from services.workflows.engine.key import AttemptKey
from services.workflows.engine.local import gpus, nvml_adapter, order, standing
from services.workflows.engine.local.place import CANCEL, EXIT, LOG, STARTED, Place
from services.workflows.engine.types import (
    AttemptSpec,
    Capabilities,
    EngineState,
    Handle,
    Status,
)

NAME = "local"
_ROOT = Path(__file__).parents[4]
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[2]); "
    "from services.workflows.engine.local.supervise import main; sys.exit(main())"
)
_ABSENT = "There is no trace of this attempt on this machine."


class LocalEngine:
    """Runs attempts on this machine.

    Parameters
    ----------
    home
        Where leases are kept, on a local disk: ``jobs/local`` of the workspace.
    cpus
        How many processors attempts may hold together; None for as many as this process may use.
    gpu_names
        The GPUs by index; None for those that are found.
    driver
        Where the library lies that asks GPUs while an attempt holds them; empty to ask none.
    """

    def __init__(
        self,
        home: Path,
        cpus: int | None = None,
        gpu_names: dict[int, str] | None = None,
        driver: str = nvml_adapter.FOLDER,
    ) -> None:
        self._home = home.absolute()
        self._cpus = cpus or _processors()
        self._driver = "" if gpus.PRETENDED in os.environ else driver
        self._gpus = gpus.detect() if gpu_names is None else gpu_names

    @property
    def name(self) -> str:
        """Return what it is called."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """Return what this machine has."""
        kinds = sorted(set(self._gpus.values()))
        return Capabilities(
            gpus=len(self._gpus),
            gpu_type=", ".join(kinds),
            most_at_once=self._cpus,
            stops_pending=True,
            limits_time=True,
        )

    def submit(self, spec: AttemptSpec) -> Handle:
        """Start an attempt, once.

        It waits (*pending*) until its processors and GPUs are free, and until no other attempt runs in its folder.

        Raises
        ------
        InvalidInput
            When this machine can never run it.
        SourceUnavailable
            When its supervisor did not start; submit it again.
        """
        order.places(spec, self._cpus, self._gpus)
        folder = spec.folder.absolute() / "attempts" / spec.attempt_id
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = Place(str(folder))
        if not place.has(STARTED) and not place.has(EXIT):
            self.begin(spec, folder)
        return _handle(spec.attempt_id, folder)

    def find(self, key: AttemptKey) -> Handle | None:
        """Return the handle of an attempt for which anything was begun; None when nothing was."""
        return _handle(key.attempt_id, key.place) if key.place.is_dir() else None

    def begin(self, spec: AttemptSpec, folder: Path) -> None:
        """Start a supervisor, which begins nothing where one was before it.

        Raises
        ------
        InvalidInput
            As ``submit``.
        SourceUnavailable
            As ``submit``.

        Notes
        -----
        Its standard output ends when it stands by itself.
        """
        told = {
            **order.told(spec, folder, order.places(spec, self._cpus, self._gpus)),
            "leases": str(self._home / "leases" / platform.node()),
            "nvml": self._driver,
        }
        try:
            with (folder / "supervisor.log").open("ab") as said:
                subprocess.run(
                    [sys.executable, "-I", "-S", "-c", _PROGRAM, str(folder), str(_ROOT)],
                    input=json.dumps(told).encode(),
                    stdout=subprocess.PIPE,
                    stderr=said,
                    cwd=folder,
                    env={"PATH": order.PATH, "LANG": "C.UTF-8"},
                    start_new_session=True,
                    timeout=standing.BEGINS_WITHIN,
                    check=True,
                )
        except (OSError, subprocess.SubprocessError) as error:
            raise SourceUnavailable(
                "The supervisor of the attempt did not start; it is asked again."
            ) from error

    def poll(self, handle: Handle) -> Status:
        """Return where an attempt stands."""
        try:
            return standing.read(_place(handle))
        except FileNotFoundError:
            if _host(handle) == platform.node():
                return Status(EngineState.LOST, _ABSENT)
            words = f"It runs on {_host(handle)}; this machine cannot tell."
            return Status(EngineState.UNKNOWN, words)

    def logs(self, handle: Handle, offset: int, limit: int = 65536) -> tuple[bytes, int]:
        """Return what was printed from a byte on, and where to go on.

        Raises
        ------
        SourceUnavailable
            When the attempt runs on another machine.
        """
        place = self._reachable(handle)
        try:
            with Path(place.path(LOG)).open("rb") as log:
                log.seek(offset)
                found = log.read(limit)
        except FileNotFoundError:
            return b"", offset
        return found, offset + len(found)

    def cancel(self, handle: Handle, reason: str) -> None:
        """Ask an attempt to stop; of one that is over, nothing.

        Raises
        ------
        SourceUnavailable
            When the attempt runs on another machine.
        """
        place = self._reachable(handle)
        if not place.has("") or place.has(EXIT):
            return
        with contextlib.suppress(FileNotFoundError):
            place.write(CANCEL, {"reason": reason})
            with place.held() as is_free:
                if is_free and not place.has(STARTED) and not place.has(EXIT):
                    place.write(EXIT, standing.tombstone("cancelled", reason, None))

    def _reachable(self, handle: Handle) -> Place:
        place = _place(handle)
        if not place.has("") and _host(handle) != platform.node():
            raise SourceUnavailable(f"The attempt runs on {_host(handle)}; ask there.")
        return place


def _processors() -> int:
    counted = getattr(os, "sched_getaffinity", None)
    return len(counted(0)) if counted else os.cpu_count() or 1


def _handle(attempt_id: str, folder: Path) -> Handle:
    return Handle(NAME, attempt_id, f"{platform.node()}:{folder}")


def _host(handle: Handle) -> str:
    return handle.ref.partition(":")[0]


def _place(handle: Handle) -> Place:
    return Place(handle.ref.partition(":")[2])
