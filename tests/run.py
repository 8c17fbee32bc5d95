"""Everything that must hold before a change lands: lint, types, import contracts, then all tests.

First the tests that start processes, several at once. Then the browser's, which mostly wait and share
no process with others, and beside them, one after another, everything that needs no more than a core.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CHECKS = (
    ("lint", [str(BIN / "ruff"), "check", "--no-cache", "--quiet", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "--no-cache", "--quiet", "."]),
    ("types", [str(BIN / "pyright"), "--warnings"]),
    ("import contracts", [str(BIN / "lint-imports"), "--no-logo", "--no-cache"]),
)
BROWSER = "tests/e2e"
TOGETHER = (
    "tests/integration/cli", "tests/integration/door", "tests/integration/engines",
    "tests/integration/environments", "tests/integration/notification",
    "tests/integration/retraining", "tests/integration/scoring", "tests/integration/workflows",
    "tests/integration/decisions", "tests/integration/predictions",
)  # fmt: skip
"""Rooms whose tests start processes and wait for them, and two long ones that work meanwhile."""
PYTEST = [sys.executable, "-m", "pytest", "-q"]
NICE = 5
"""How far what runs beside the browser stands back for it."""


def check() -> list[str]:
    """Run the static checks; return the names of those that failed."""
    failed: list[str] = []
    for name, command in CHECKS:
        begun = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
        said = "failed" if done.returncode else "ok"
        print(f"── {name} {said} ({time.monotonic() - begun:.0f} s)", flush=True)
    return failed


def compiled() -> None:
    """Compile our own code once: every process that a test starts would do so again."""
    command = [sys.executable, "-m", "compileall", "-q", "-j", "0", "-x", "/shipped/"]
    subprocess.run([*command, "services", "console", "pages"], cwd=ROOT, check=False)


def tested(words: str, arguments: Sequence[str]) -> int:
    """Run tests; return pytest's exit status."""
    print(f"── {words} …", flush=True)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([*PYTEST, *arguments], cwd=ROOT, check=False, env=environment)
    return done.returncode


def beside(command: Sequence[str]) -> tuple[int, str]:
    """Run this program again, standing back; return its exit status and what it printed."""
    again = ["nice", "-n", str(NICE), sys.executable, "-m", "tests.run", *command]
    done = subprocess.run(
        again, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode, done.stdout.decode(errors="replace")


def rest(more: Sequence[str]) -> int:
    """Check, and run the tests that need one core and no browser."""
    failed = check()
    elsewhere = [f"--ignore={each}" for each in (BROWSER, *TOGETHER)]
    status = tested("unit, architecture, app and the other integration tests", [*elsewhere, *more])
    return status or bool(failed)


def everything(jobs: str, more: Sequence[str]) -> int:
    """Run all of it; return 0 where everything holds."""
    compiled()
    first = tested(
        "tests that start processes, several at once",
        ["-n", jobs, "--dist", "loadgroup", *TOGETHER, *more],
    )
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(beside, ["--only", "rest", *more])
        second = tested("end-to-end tests", [BROWSER, *more])
        third, said = other.result()
    print(said, flush=True)
    return first or second or third


def main() -> int:
    """Run what was asked for; everything by default."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--only", choices=["lint", "rest"], default=None)
    given, more = parser.parse_known_args()
    if given.only == "lint":
        return bool(check())
    return rest(more) if given.only == "rest" else everything(given.jobs, more)


if __name__ == "__main__":
    sys.exit(main())
