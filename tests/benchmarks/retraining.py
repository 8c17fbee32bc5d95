"""Training on this machine: how fast an attempt starts, what its supervisor costs."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from services.workflows.engine.local.engine import LocalEngine
from services.workflows.engine.local.place import STANDING, Place
from services.workflows.engine.types import AttemptSpec, EngineState, Handle, Resources
from tests.benchmarks.figures import Figure, write

STARTS, PAIRS = 30, 2
LOOPS = 160_000_000
BURN = f"""
import time
n = 0
while n < {LOOPS}:
    n += 1
print("burned", time.process_time())
"""


class Bench:
    """A local engine in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.engine = LocalEngine(folder / "local", gpu_names={})
        self._number = 0

    def submit(self, *command: str) -> Handle:
        """Start an attempt at a job of its own."""
        self._number += 1
        name = f"attempt-{self._number}"
        (self.folder / name / "code").mkdir(parents=True)
        return self.engine.submit(
            AttemptSpec(name, name, 1, command, self.folder / name, Resources(seconds=600))
        )

    def over(self, handle: Handle, every: float) -> float:
        """Wait until an attempt succeeded; return the processor seconds that its supervisor used."""
        used = 0.0
        while not (status := self.engine.poll(handle)).state.is_over:
            if every > 0.1:
                used = max(used, own(self.supervisor(handle)))
            time.sleep(every)
        assert status.state is EngineState.SUCCEEDED, status
        return used

    def supervisor(self, handle: Handle) -> int:
        """Return the process that watches an attempt."""
        return int(
            (Place(handle.ref.partition(":")[2]).read(STANDING) or {"supervisor": 0})["supervisor"]
        )


def starts(bench: Bench) -> float:
    """Return the milliseconds from asking for ``true`` until its end is known."""
    took: list[float] = []
    for _ in range(STARTS):
        began = time.perf_counter()
        bench.over(bench.submit("true"), every=0.002)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1_000


def size(bench: Bench) -> float:
    """Return the megabytes that a supervisor holds alone, after some looks at its script."""
    handle = bench.submit("sleep", "5")
    time.sleep(3)
    lines = Path(f"/proc/{bench.supervisor(handle)}/smaps_rollup").read_text().splitlines()
    held = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    bench.over(handle, every=0.05)
    return held["Rss"] / 1024


def seconds(said: bytes) -> float:
    """Return the processor seconds that a script says it took."""
    return float(said.decode().split("burned ")[1])


def own(pid: int) -> float:
    """Return the processor seconds of a process without its children; 0 of one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def overhead(bench: Bench) -> tuple[float, float]:
    """Return the processor seconds of a script that only counts: with its supervisor's, and bare.

    They take turns, and the least of each counts, since neighbours on the machine slow down both.
    """
    command = [sys.executable, "-I", "-S", "-c", BURN]
    watched: list[float] = []
    bare: list[float] = []
    for _ in range(PAIRS):
        handle = bench.submit(*command)
        beside = bench.over(handle, every=0.5)
        watched.append(beside + seconds(bench.engine.logs(handle, 0)[0]))
        bare.append(seconds(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout))
        print(
            f"  watched {watched[-1]:.3f} s of which supervisor {beside:.3f} s, bare {bare[-1]:.3f} s"
        )
    return min(watched), min(bare)


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        milliseconds, megabytes = starts(bench), size(bench)
        watched, bare = overhead(bench)
    write(
        "retraining",
        [
            Figure("local_engine_ms", milliseconds, "ms", "<= 100"),
            Figure("local_engine_mb", megabytes, "MB", "<= 20"),
            Figure(
                "supervision_overhead",
                max(0.0, watched / bare - 1),
                "",
                "<= 0.02",
                peer=bare,
                ratio=watched / bare,
            ),
        ],
    )
