"""Slurm, spoken to by its own commands on this machine, which has to be one of its submit hosts.

Notes
-----
Jobs are handed over with ``--no-requeue``: who was preempted is told so and goes on as another attempt,
counted and paid like every other. Slurm's own time limit stands behind ours, which gives the grace.
Where the cluster is stands in ``SLURM_CONF``, which belongs to the deployment and not to a form: that
file names libraries that the commands load.
"""

import math
import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from services.kernel.error import InvalidInput, SourceUnavailable
from services.standards.engine.types import Connection
from services.workflows.engine.attempt_folder import AttemptFolder
from services.workflows.engine.scheduler import GONE, Seen
from services.workflows.engine.types import AttemptSpec, EngineState
from services.workflows.engine.wire import told

TIMEOUT = 15.0
SPARE = 120
"""Seconds that Slurm grants beyond limit and grace; it counts in minutes and looks seldom."""
NEVER = (
    "invalid",
    "not available",
    "not permitted",
    "violates",
    "unavailable",
    "access/permission",
)
ABSENT, LATER = "invalid job id", "not available now"
_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "SLURM_CONF", "LD_LIBRARY_PATH")
S = EngineState
_STATES: Mapping[str, tuple[EngineState, str, bool]] = {
    "PENDING": (S.PENDING, "", False),
    "REQUEUED": (S.PENDING, "", False),
    "CONFIGURING": (S.PENDING, "", False),
    "RUNNING": (S.RUNNING, "", False),
    "COMPLETING": (S.RUNNING, "", False),
    "SUSPENDED": (S.RUNNING, "Slurm suspended it.", False),
    "STOPPED": (S.RUNNING, "Slurm stopped it for a while.", False),
    "COMPLETED": (S.SUCCEEDED, "", False),
    "FAILED": (S.FAILED, "Slurm says that it failed", False),
    "CANCELLED": (S.CANCELLED, "It was cancelled in Slurm.", False),
    "TIMEOUT": (S.TIME_LIMIT, "It ran into Slurm's own time limit.", False),
    "DEADLINE": (S.TIME_LIMIT, "It ran into a deadline of Slurm.", False),
    "PREEMPTED": (S.LOST, "Slurm gave its place to a job of higher priority.", True),
    "NODE_FAIL": (S.LOST, "Its node failed.", True),
    "BOOT_FAIL": (S.LOST, "Its node did not start.", True),
    "OUT_OF_MEMORY": (S.FAILED, "Slurm says that it ran out of memory", False),
}


class SlurmScheduler:
    """The jobs of a Slurm cluster."""

    def __init__(
        self, connection: Connection, environment: Mapping[str, str] | None = None
    ) -> None:
        self._address = connection.address
        given = os.environ if environment is None else environment
        self._environment = {name: given[name] for name in _KEPT if name in given}
        self._has_one_type = bool(connection.gpu_type)

    def check(self, spec: AttemptSpec) -> None:
        """Refuse what a job of Slurm cannot be; the rest Slurm refuses itself when it is submitted.

        Raises
        ------
        InvalidInput
            For a container image.
        """
        if spec.image:
            raise InvalidInput("Slurm runs no images here; choose an engine that does, or an environment.")  # fmt: skip

    def find(self, attempt_id: str) -> str | None:
        """Return the number of the job with this name; None when there is none."""
        names = ["--noheader", "--me", "--states=all", f"--name={attempt_id}", "--format=%i"]
        found = self._ask("squeue", names).split()
        return min(found, key=int) if found else None

    def start(self, spec: AttemptSpec, folder: AttemptFolder) -> str:
        """Submit a job whose name is the attempt's."""
        script = f"#!/bin/sh\nexec {shlex.join(folder.entry(self._python))}\n"
        try:
            said = self._ask("sbatch", [*self._wants(spec), f"--chdir={folder.path}"], script)
        except _Refused as error:
            raise InvalidInput(f"Slurm refuses it: {error.words}") from error
        return said.strip().partition(";")[0]

    def look(self, ref: str) -> Seen:
        """Return what Slurm says of a job."""
        try:
            said = self._ask("scontrol", ["show", "job", ref, "--oneliner"])
        except _Refused as error:
            if ABSENT in error.words.lower():
                return Seen(S.LOST, GONE)
            raise SourceUnavailable(f"Slurm does not say how it stands: {error.words}") from error
        job = {name: value for name, _, value in (pair.partition("=") for pair in said.split())}
        state, words, preempted = _STATES.get(job.get("JobState", ""), (S.UNKNOWN, "", False))
        if state.is_over and job.get("PreemptTime", "None") not in ("None", "N/A"):
            state, words, preempted = _STATES["PREEMPTED"]
        if state is S.FAILED:
            words = f"{words} ({job.get('Reason', 'unknown')}, exit code {job.get('ExitCode')})."
        if state is S.PENDING and job.get("Reason", "None") not in (
            "None",
            "Priority",
            "Resources",
        ):
            words = f"Slurm lets it wait: {job['Reason']}."
        at = _instant(job.get("EndTime", "")) if state.is_over else None
        again = state is S.PENDING and job.get("Restarts", "0") != "0"
        return Seen(state, words, preempted, at, requeued=again)

    def end(self, ref: str) -> None:
        """End a job, or take it out of the queue."""
        try:
            self._ask("scancel", ["--quiet", ref])
        except _Refused as error:
            if ABSENT not in error.words.lower():
                raise SourceUnavailable(f"Slurm does not end it: {error.words}") from error

    def words(self, ref: str) -> bytes:
        """Return nothing: what the program of a job printed stands in its folder."""
        del ref
        return b""

    def trial(self) -> str:
        """Return which Slurm answers, and what the partition has.

        Raises
        ------
        InvalidInput
            When there is no such partition.
        """
        partition = self._address.get("partition", "")
        only = [f"--partition={partition}"] if partition else []
        try:
            self._ask("scontrol", ["ping"])
            lines = self._ask("sinfo", ["--noheader", "--format=%D %G", *only]).splitlines()
        except _Refused as error:
            raise SourceUnavailable(f"Slurm does not answer: {error.words}") from error
        if not lines:
            raise InvalidInput(f"Slurm has no partition {partition!r}.")
        has = "; ".join(f"{n} with {gres}" for n, gres in (line.split()[:2] for line in lines))
        return f"Slurm answers; nodes: {has.replace('(null)', 'no GPUs')}."

    @property
    def _python(self) -> str:
        return self._address.get("python") or "python3"

    def _wants(self, spec: AttemptSpec) -> list[str]:
        wants, address = spec.resources, self._address
        minutes = math.ceil((wants.seconds + spec.grace_seconds + SPARE) / 60)
        signalled = math.ceil(spec.grace_seconds) + 30
        found = [
            "--parsable", f"--job-name={spec.attempt_id}", "--output=slurm.out", "--open-mode=append",
            "--no-requeue", f"--time={minutes}", f"--signal=B:TERM@{signalled}", "--nodes=1",
            f"--cpus-per-task={max(1, math.ceil(wants.cpus))}", f"--mem={math.ceil(wants.memory_gb * 1024)}M",
        ]  # fmt: skip
        if wants.gpus:
            kind = f"{wants.gpu_type}:" if wants.gpu_type and not self._has_one_type else ""
            found.append(f"--gres=gpu:{kind}{wants.gpus}")
        where = dict(address)
        if wants.spot and address.get("spot"):
            where["partition"] = address["spot"]
        return found + [
            f"--{name}={where[name]}" for name in ("partition", "account", "qos") if where.get(name)
        ]

    def _ask(self, program: str, arguments: Sequence[str], given: str = "") -> str:
        """Run one of Slurm's commands.

        Raises
        ------
        SourceUnavailable
            When it is not there, does not answer in time, or has no controller to speak to.
        """
        try:
            done = subprocess.run(
                [program, *arguments], input=given, capture_output=True, text=True,
                timeout=TIMEOUT, env=self._environment, check=False,
            )  # fmt: skip
        except FileNotFoundError as error:
            raise SourceUnavailable(
                f"{program} is not installed on the worker's machine."
            ) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SourceUnavailable("Slurm does not answer in time.") from error
        if done.returncode == 0:
            return done.stdout
        words = told(done.stderr)
        if any(each in words.lower() for each in NEVER) and LATER not in words.lower():
            raise _Refused(words)
        raise SourceUnavailable("Slurm's controller does not answer, or does not take it now.")


class _Refused(Exception):
    """Slurm answered, and said no."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None
