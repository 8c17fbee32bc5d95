"""The web process: how soon it answers, what it weighs, and that it loads nothing heavy."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from services.migrations.run import upgrade
from tests.benchmarks.figures import Figure, write
from tests.benchmarks.visitor import answered
from tests.support.workspace import ROOT, free_port

IMPORTS = "import streamlit, pandas, plotly.graph_objects, pyarrow"
STARTS = 3


def imports() -> float:
    """Return the seconds that importing what Streamlit needs takes."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    return time.perf_counter() - began


def start(folder: Path) -> tuple[float, float, float]:
    """Start the web process; return seconds to /health, to /ready, and its megabytes when idle."""
    port = free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")},
        "COUNTERSIGN_HOME": str(folder), "COUNTERSIGN_PORT": str(port), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "console.serve"], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        health = answered(f"http://127.0.0.1:{port}/health", began)
        ready = answered(f"http://127.0.0.1:{port}/ready", began)
        time.sleep(2)
        status = Path(f"/proc/{process.pid}/status").read_text()
        kilobytes = next(int(li.split()[1]) for li in status.splitlines() if li.startswith("VmRSS"))
    finally:
        process.terminate()
        process.wait(timeout=20)
    return health, ready, kilobytes / 1024


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as folder:
        upgrade(f"sqlite:///{folder}/governance.sqlite")
        peer = statistics.median(imports() for _ in range(STARTS))
        runs = [start(Path(folder)) for _ in range(STARTS)]
    health, ready, megabytes = (statistics.median(r[i] for r in runs) for i in range(3))
    write(
        "web",
        [
            Figure("web_health_s", health, "s", "<= 3"),
            Figure("web_ready_s", ready, "s", f"<= 3 + {peer:.1f}", peer, ready / (3 + peer)),
            Figure("web_idle_mb", megabytes, "MB", "<= 250"),
        ],
    )
