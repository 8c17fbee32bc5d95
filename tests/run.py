"""Everything that must hold before a change lands: lint, types, import contracts, then all tests."""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
CHECKS = (
    ("lint", [str(BIN / "ruff"), "check", "--no-cache", "--quiet", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "--no-cache", "--quiet", "."]),
    ("types", [str(BIN / "pyright"), "--warnings"]),
    ("import contracts", [str(BIN / "lint-imports"), "--no-logo", "--no-cache"]),
)


def check() -> list[str]:
    """Run the static checks; return the names of those that failed."""
    failed: list[str] = []
    for name, command in CHECKS:
        print(f"── {name} …", flush=True)
        begun = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
        said = "failed" if done.returncode else "ok"
        print(f"── {name} {said} ({time.monotonic() - begun:.0f} s)", flush=True)
    return failed


def main() -> int:
    """Run what was asked for; everything by default."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--only", choices=["lint", "tests"], default=None)
    arguments, rest = parser.parse_known_args()
    failed = check() if arguments.only != "tests" else []
    if arguments.only == "lint":
        return bool(failed)
    command = [sys.executable, "-m", "pytest", "-q"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    print("── unit, architecture and integration tests …", flush=True)
    spread = ["-n", arguments.jobs, "--dist", "loadgroup", "--ignore", "tests/e2e", *rest]
    tests = subprocess.run([*command, *spread], cwd=ROOT, check=False, env=environment).returncode
    # on their own: the browser's event loop may not stand in the way of other tests
    print("── end-to-end tests …", flush=True)
    browser = [*command, "tests/e2e", *rest]
    tests = subprocess.run(browser, cwd=ROOT, check=False, env=environment).returncode or tests
    if failed:
        print("\nfailed before the tests: " + ", ".join(failed), file=sys.stderr, flush=True)
    return tests or bool(failed)


if __name__ == "__main__":
    sys.exit(main())
