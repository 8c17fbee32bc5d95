"""What the conformance suite needs of an engine, and the jobs it gives to it."""

import importlib
import json
import os
import pickle
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from services.workflows.engine.types import AttemptSpec, Engine, Handle, Resources, Status
from tests.support.workspace import ROOT

TRACE = "ENGINE_TEST_TRACE"
"""In the environment of every script of a test: by it what was left behind is found."""
SCRIPT = Path(__file__).with_name("script.py")


@dataclass
class Rig:
    """An engine under test.

    Attributes
    ----------
    factory, arguments
        ``module:function`` and what it is called with: makes a new adapter, in this process or another.
    folder
        Where the folders of jobs are made.
    whole
        Resources of which only one attempt at a time fits into the engine.
    gpus
        How many GPUs the engine was told to have, real or pretended.
    patience
        Seconds until an engine must have noticed something.
    runs_images
        Whether it can run a container image.
    python
        The interpreter of scripts.
    """

    factory: str
    arguments: dict[str, str]
    folder: Path
    whole: Resources
    gpus: int
    patience: float = 10.0
    runs_images: bool = False
    python: str = sys.executable
    trace: str = field(default_factory=lambda: uuid.uuid4().hex)

    def engine(self) -> Engine:
        """Return a new adapter, which knows nothing of others."""
        return made(self.factory, self.arguments)

    def job(self) -> Path:
        """Return the folder of a new job with the script in it."""
        folder = self.folder / uuid.uuid4().hex[:12]
        for name in ("code", "data", "checkpoint", "out"):
            (folder / name).mkdir(parents=True)
        (folder / "code" / SCRIPT.name).write_text(SCRIPT.read_text())
        return folder

    def spec(self, mode: str, folder: Path | None = None, **changes: Any) -> AttemptSpec:
        """Return an attempt at a script; ``mode`` says what the script does."""
        folder = folder or self.job()
        number = changes.pop("number", 1)
        given = AttemptSpec(
            attempt_id=f"{folder.name}-{number}",
            job_id=folder.name,
            number=number,
            command=(self.python, "-I", "-S", SCRIPT.name, *mode.split()),
            folder=folder,
            resources=Resources(cpus=1, memory_gb=1, seconds=60),
            environment={TRACE: self.trace},
            grace_seconds=2.0,
        )
        return replace(given, **changes)

    def until(self, handle: Handle, holds: Callable[[Status], bool]) -> Status:
        """Return the first status of which something holds."""
        engine, end = self.engine(), time.monotonic() + self.patience
        while not holds(status := engine.poll(handle)):
            assert time.monotonic() < end, f"still {status}"
            time.sleep(0.01)
        return status

    def over(self, handle: Handle) -> Status:
        """Return how an attempt ended."""
        return self.until(handle, lambda status: status.state.is_over)

    def log(self, handle: Handle) -> str:
        """Return all that was printed."""
        engine, text, offset = self.engine(), b"", 0
        while True:
            found, offset = engine.logs(handle, offset)
            if not found:
                return text.decode()
            text += found

    def printed(self, handle: Handle, words: str) -> str:
        """Return the log, as soon as something stands in it."""
        end = time.monotonic() + self.patience
        while words not in (text := self.log(handle)):
            assert time.monotonic() < end, f"not printed: {text[-2000:]}"
            time.sleep(0.02)
        return text

    def submit_elsewhere(self, spec: AttemptSpec) -> "subprocess.Popen[str]":
        """Start a process that submits an attempt, prints its handle, and waits to be ended."""
        given = pickle.dumps((self.factory, self.arguments, spec)).hex()
        return subprocess.Popen(
            [sys.executable, "-m", "tests.integration.engines.rig", given],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def left(self) -> list[int]:
        """Return the processes of this test that run."""
        return running(f"{TRACE}={self.trace}")

    def none_left(self) -> bool:
        """Tell whether every process of this test is gone, or goes within a moment."""
        end = time.monotonic() + self.patience
        while self.left():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True


def made(factory: str, arguments: dict[str, str]) -> Engine:
    """Return a new adapter."""
    module, _, name = factory.partition(":")
    return getattr(importlib.import_module(module), name)(**arguments)


def running(variable: str) -> list[int]:
    """Return the living processes with a variable in their environment."""
    found: list[int] = []
    for each in Path("/proc").iterdir():
        try:
            if (
                each.name.isdigit()
                and variable.encode() in (each / "environ").read_bytes().split(b"\0")
                and (each / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
            ):
                found.append(int(each.name))
        except OSError:
            continue
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def stored(handle: Handle) -> Handle:
    """Return a handle as a database gives it back."""
    return Handle(**json.loads(json.dumps(asdict(handle))))


def first_words(process: "subprocess.Popen[str]") -> Handle:
    """Return the handle that a process printed which submitted an attempt."""
    assert process.stdout is not None
    return Handle(**json.loads(process.stdout.readline()))


if __name__ == "__main__":
    factory, arguments, spec = pickle.loads(bytes.fromhex(sys.argv[1]))
    print(json.dumps(asdict(made(factory, arguments).submit(spec))), flush=True)
    time.sleep(60)
