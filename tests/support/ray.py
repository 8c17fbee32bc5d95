"""A real Ray of this machine for tests: four GPUs that are declared and not there."""

import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from services.standards.engine.types import Connection, EngineKind
from tests.support.workspace import free_port

ABSENT = "Ray is not installed"
GPUS, CPUS = 4, 2
STARTS_WITHIN = 90.0


@dataclass(frozen=True)
class RayHead:
    """A head that runs.

    Attributes
    ----------
    process
        Ends with everything that it started.
    """

    url: str
    token: str
    process: "subprocess.Popen[bytes]"
    folder: str = ""

    def dashboard(self) -> int:
        """Return the process that answers at its address."""
        found = [pid for pid in _of(self.folder) if "dashboard.py" in _command(pid)]
        return min(found)

    def connection(self, **parts: str) -> Connection:
        """Return how it is reached."""
        address = {"url": self.url, "python": sys.executable, "gpus": "", "gpu_type": ""} | parts
        return Connection("ray", EngineKind.RAY, address, {"token": self.token}, allow_private=True)


def _program() -> list[str]:
    python = os.environ.get("COUNTERSIGN_TEST_RAY")
    if python is None:
        if importlib.util.find_spec("ray") is None:
            pytest.skip(f"{ABSENT}; say COUNTERSIGN_TEST_RAY=/path/to/a/python that has it")
        python = sys.executable
    return [str(Path(python).with_name("ray"))]


@contextmanager
def ray_head() -> Iterator[RayHead]:
    """Yield a head on free ports of the loopback; everything of it ends afterwards."""
    program, token = _program(), secrets.token_hex(32)
    folder = Path(tempfile.mkdtemp(prefix="csray", dir="/tmp"))  # sockets want a short path
    port = free_port()
    given = {
        "port": free_port(), "dashboard-port": port, "dashboard-agent-listen-port": free_port(),
        "metrics-export-port": free_port(), "ray-client-server-port": free_port(),
        "num-gpus": GPUS, "num-cpus": CPUS, "object-store-memory": 80_000_000,
        "dashboard-host": "127.0.0.1", "node-ip-address": "127.0.0.1", "temp-dir": folder,
    }  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": token}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [*program, "start", "--head", "--block", "--disable-usage-stats",
             *(f"--{name}={value}" for name, value in given.items())],
            env={**kept, **quiet}, stdout=said, stderr=said, start_new_session=True, cwd=folder,
        )  # fmt: skip
    try:
        head = RayHead(f"http://127.0.0.1:{port}", token, process, str(folder))
        _until_ready(head, folder / "said")
        yield head
    finally:
        _end(process, str(folder))
        shutil.rmtree(folder, ignore_errors=True)


def _until_ready(head: RayHead, said: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        assert head.process.poll() is None, said.read_text(errors="replace")[-3000:]
        try:
            headers = {"Authorization": f"Bearer {head.token}"}
            answer = httpx.get(f"{head.url}/api/v0/nodes", headers=headers, timeout=5)
            if answer.is_success and answer.json()["data"]["result"]["result"]:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(said.read_text(errors="replace")[-3000:])


def _end(process: "subprocess.Popen[bytes]", folder: str) -> None:
    """End the head, and whatever of it names its folder."""
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    until = time.monotonic() + 10
    while (left := _of(folder)) and time.monotonic() < until:
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.1)


def _of(folder: str) -> list[int]:
    """Return the living processes of a session of Ray, by its folder on their command line."""
    found: list[int] = []
    for each in Path("/proc").iterdir():
        try:
            named = each.name.isdigit() and folder in _command(int(each.name))
            if named and int(each.name) != os.getpid():
                found.append(int(each.name))
        except OSError:
            continue
    return found


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
