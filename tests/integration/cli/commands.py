"""Running ``countersign`` as a person does, and looking at what it leaves on the machine."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.workspace import ROOT, free_port

UP = [sys.executable, "-m", "services.cli.main", "up"]


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a workspace whose MLflow server does not answer."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERSIGN_", "MLFLOW_"))}
    return {
        **kept,
        "COUNTERSIGN_HOME": str(home),
        "COUNTERSIGN_PORT": str(free_port()),
        "COUNTERSIGN_DEMO": "off",
        "COUNTERSIGN_MLFLOW_URI": silent(),
        "PYTHONPATH": str(ROOT),
        **settings,
    }


def silent() -> str:
    """Return an address of the loopback where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"


def countersign(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command over a workspace and wait for its end."""
    return ran([sys.executable, "-m", "services.cli.main", *arguments], home, **settings)


def ran(command: list[str], home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run any command in the environment of a workspace; a minute is the longest."""
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment(home, **settings),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one sentence with which a command could not tell."""
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert done.returncode == 2, said
    lines = done.stderr.splitlines()
    assert len(lines) == 1, said
    assert lines[0].endswith((".", "?")), said
    return lines[0]


def until(seen: Callable[[], object], seconds: float, what: str) -> None:
    """Look again and again until it is seen; fail after some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if seen():
            return
        time.sleep(0.1)
    raise AssertionError(f"within {seconds:.0f} seconds this did not come: {what}")


def processes(home: Path) -> set[int]:
    """Return the processes that carry a workspace in their command or their environment."""
    mark = str(home).encode()
    found: set[int] = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            seen = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if mark in seen:
            found.add(int(folder.name))
    return found


def ended(pid: int) -> bool:
    """Tell whether a process is over; one that nobody collected is over too."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return not Path("/proc/self").exists()
    return stat.rpartition(")")[2].split()[0] in ("Z", "X")
