"""The first process of a container collects what nobody else waits for."""

import subprocess
import sys

from tests.support.workspace import ROOT

PROGRAM = """
import os, subprocess, sys, time
from pathlib import Path
from services.cli.children import Child, reap_strangers
from services.workflows.engine.local.processes import adopt_orphans, descendants

adopt_orphans()
ours = Child("ours", ["sh", "-c", "exit 3"], os.environ, Path(sys.argv[1]))
ours.start()
subprocess.run(["sh", "-c", "sleep 0.2 & sleep 0.2 &"], check=True)
until, number = time.monotonic() + 10, 0
while number < 2 and time.monotonic() < until:
    ours.alive
    number += reap_strangers([ours])
    time.sleep(0.05)
print(number, ours.process.wait(), descendants(os.getpid()), reap_strangers([ours]))
"""


def test_strangers_are_collected_and_our_own_are_left_to_us(tmp_path: object) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, f"{tmp_path}/log"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == "2 3 [] 0\n"
