"""A whole console for tests: the processes of ``countersign up`` on free ports, stopped by their own ids."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
_GRACE = 30
"""Seconds in which a command that waits must say that it waited in vain."""


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Workspace:
    """A running console."""

    home: Path
    environment: dict[str, str]
    process: subprocess.Popen[bytes]

    @property
    def run(self) -> dict[str, Any]:
        """Return what the console says of itself."""
        return json.loads((self.home / "run.json").read_text(encoding="utf-8"))

    @property
    def url(self) -> str:
        """Return the address of the console."""
        return str(self.run["console_url"])

    def command(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run ``countersign`` in this workspace."""
        return subprocess.run(
            [sys.executable, "-m", "services.cli.main", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
        )

    def ask(self, path: str, **query: str) -> Any:
        """Return what the API answers, for whoever asks often: a command is a process each time."""
        token = Path(self.run["token_file"]).read_text(encoding="utf-8").strip()
        told = {"Authorization": f"Bearer {token}"}
        url = f"{self.url}/api/v1{path}"
        answer = httpx.get(url, params=query, headers=told, timeout=30, verify=False)
        assert answer.is_success, answer.text
        return answer.json()

    def link(self, email: str) -> str:
        """Return a fresh sign-in link of a person."""
        done = self.command("person", "link", email)
        found = [word for word in done.stdout.split() if "/session/link/" in word]
        assert found, done.stdout + done.stderr
        return found[0]

    def wait(self, what: str, seconds: float) -> None:
        """Wait until the console is ready or idle."""
        done = self.command("wait", what, "--timeout", str(int(seconds)), seconds=seconds + _GRACE)
        assert done.returncode == 0, done.stdout + done.stderr + self.log()

    def log(self) -> str:
        """Return the end of what the processes wrote."""
        parts = [
            f"--- {path.name}\n{path.read_text(encoding='utf-8', errors='replace')[-3000:]}"
            for path in sorted((self.home / "logs").glob("*"))
        ]
        return "\n".join(parts)


@contextmanager
def running(home: Path, **settings: str) -> Iterator[Workspace]:
    """Run a console over a workspace folder until the block is left."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERSIGN_", "MLFLOW_"))}
    environment = {
        **kept,
        "COUNTERSIGN_HOME": str(home),
        "COUNTERSIGN_PORT": str(free_port()),
        "COUNTERSIGN_MLFLOW_PORT": str(free_port()),
        "PYTHONPATH": str(ROOT),
        **settings,
    }
    output = (home.parent / f"{home.name}.out").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "services.cli.main", "up"],
        cwd=ROOT,
        env=environment,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    workspace = Workspace(home, environment, process)
    try:
        _until_written(home / "run.json", process)
        yield workspace
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.close()


def _until_written(path: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if path.exists():
            return
        assert process.poll() is None, "the console stopped at once"
        time.sleep(0.1)
    raise AssertionError("the console wrote no run.json within 30 seconds")
