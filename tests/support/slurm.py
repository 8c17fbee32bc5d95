"""A real Slurm of this machine for tests: one node, four GPUs that are declared and not there."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.workspace import free_port

ABSENT = "Slurm's daemons can neither be found nor installed here"
GPUS, CPUS = 4, 8
STARTS_WITHIN = 30.0
PRETENDED = ("null", "zero", "full", "random")
"""Devices that are everywhere and that nobody takes away: what Slurm is told are GPUs."""
DAEMONS = ("munged", "slurmctld", "slurmd")
CONFIGURATION = """
ClusterName=cs
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={node}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,default_queue_depth=50
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=5
MinJobAge=600
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SlurmctldParameters=preempt_send_user_signal
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=8000 Gres=gpu:{gpus} State=UNKNOWN
PartitionName=train Nodes={host} Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE GraceTime=10
PartitionName=urgent Nodes={host} MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
"""


@dataclass
class Slurm:
    """A cluster that runs.

    Attributes
    ----------
    conf
        Its configuration; everything that speaks to it has the path in ``SLURM_CONF``.
    """

    folder: Path
    started: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def conf(self) -> str:
        return str(self.folder / "slurm.conf")

    def ask(self, *command: str) -> str:
        """Run one of Slurm's commands and return what it printed."""
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=20,
            env={**os.environ, "SLURM_CONF": self.conf},
        )  # fmt: skip
        return done.stdout


def _installed() -> None:
    """Find the daemons, or install Debian's where that is possible."""
    wanted = [name for name in (*DAEMONS, "sbatch") if shutil.which(name, path=_path()) is None]
    if not wanted:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.skip(f"{ABSENT}: {wanted[0]} is absent")
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "munge", "slurm-wlm"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], install):
        done = subprocess.run(command, capture_output=True, env=quiet, timeout=240, check=False)
        if done.returncode:
            pytest.skip(f"{ABSENT}: {' '.join(command[:2])} failed")


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


@contextmanager
def slurm_cluster() -> Iterator[Slurm]:
    """Yield a cluster of one node on the loopback; its daemons end with the test."""
    _installed()
    if os.geteuid() != 0:
        pytest.skip(f"{ABSENT}: its daemons want to be root")
    folder = Path(tempfile.mkdtemp(prefix="csslurm", dir="/tmp"))
    folder.chmod(0o755)
    cluster = Slurm(folder)
    try:
        _configure(folder)
        _start(cluster)
        yield cluster
    finally:
        for process in reversed(cluster.started):
            _end(process)
        _sweep(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """End what the node's daemon left: it cares for steps that outlive it."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                os.kill(int(process.name), signal.SIGKILL)


def _configure(folder: Path) -> None:
    host = socket.gethostname().partition(".")[0]
    (folder / "state").mkdir()
    (folder / "spool").mkdir()
    key = folder / "munge.key"
    key.write_bytes(secrets.token_bytes(1024))
    key.chmod(0o400)
    text = CONFIGURATION.format(
        host=host, folder=folder, controller=free_port(), node=free_port(), cpus=CPUS, gpus=GPUS
    )
    (folder / "slurm.conf").write_text(text)
    lines = [f"Name=gpu File=/dev/{name}\n" for name in PRETENDED[:GPUS]]
    (folder / "gres.conf").write_text("".join(lines))


def _start(cluster: Slurm) -> None:
    folder = cluster.folder
    munge = [
        "munged", "--foreground", "--force", f"--key-file={folder}/munge.key",
        f"--socket={folder}/munge.socket", f"--pid-file={folder}/munge.pid",
        f"--log-file={folder}/munge.log", f"--seed-file={folder}/munge.seed", "--num-threads=2",
    ]  # fmt: skip
    host = socket.gethostname().partition(".")[0]
    daemons = (
        munge,
        ["slurmctld", "-D", "-c", "-f", cluster.conf],
        ["slurmd", "-D", "-c", "-N", host, "-f", cluster.conf],
    )
    for command in daemons:
        found = shutil.which(command[0], path=_path())
        assert found is not None
        environment = {"PATH": _path(), "SLURM_CONF": cluster.conf}
        with (folder / f"{command[0]}.said").open("wb") as said:
            process = subprocess.Popen(
                [found, *command[1:]], stdout=said, stderr=said, start_new_session=True,
                env=environment, cwd=folder,
            )  # fmt: skip
        cluster.started.append(process)
        if command is munge:
            _until(lambda: (folder / "munge.socket").exists(), cluster)
    _until(lambda: _is_idle(cluster), cluster)


def _is_idle(cluster: Slurm) -> bool:
    done = subprocess.run(
        ["sinfo", "--noheader", "--format=%T", "--partition=train"],
        capture_output=True, text=True, check=False, timeout=20,
        env={**os.environ, "SLURM_CONF": cluster.conf},
    )  # fmt: skip
    return done.stdout.split() == ["idle"]


def _until(holds: Callable[[], bool], cluster: Slurm) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while not holds():
        said = {each.name: each.read_text(errors="replace")[-1500:] for each in cluster.folder.glob("*.said")}  # fmt: skip
        logs = {each.name: each.read_text(errors="replace")[-1500:] for each in cluster.folder.glob("*.log")}  # fmt: skip
        assert time.monotonic() < until, json.dumps(said | logs, indent=1)
        time.sleep(0.1)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
