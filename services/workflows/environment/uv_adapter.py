"""Environments built by uv: a process of its own, watched, with nothing of our secrets."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import uv

from services.kernel.error import IntegrityBroken, InvalidInput, SourceUnavailable
from services.workflows.engine.local import processes
from services.workflows.environment.types import Order

_LOOK_EVERY = 0.05
_UNREACHABLE = ("Request failed", "Failed to fetch", "error sending request", "timed out")
_HASHES = ("Hash mismatch",)


class Uv:
    """Builds environments.

    Parameters
    ----------
    cache
        Where downloaded packages are kept; environments link to them.
    """

    def __init__(self, cache: Path) -> None:
        self._cache = cache

    def build(self, order: Order, should_stop: Callable[[], bool]) -> None:
        """Make an environment in a folder, which can be renamed afterwards.

        Raises
        ------
        InvalidInput
            When a package cannot be found or built.
        IntegrityBroken
            When a package is not the one whose digest stands in the lock.
        SourceUnavailable
            When an index does not answer, it takes too long, or it was stopped.
        """
        until = time.monotonic() + order.seconds
        python = str(order.folder / "bin" / "python")
        make = ["venv", "--no-project", "--relocatable", "--python", sys.executable]
        install = ["pip", "install", "--python", python, "--requirement", str(order.lock)]
        if order.requires_hashes:
            install.append("--require-hashes")
        self._run([*make, str(order.folder)], order, until, should_stop)
        self._run([*install, *order.options], order, until, should_stop)

    def forget(self) -> bool:
        """Empty the cache; environments keep the files that they link to. Tell whether it is empty."""
        done = subprocess.run(
            [uv.find_uv_bin(), "cache", "clean"],
            capture_output=True,
            cwd="/",
            env={"UV_CACHE_DIR": str(self._cache), "UV_NO_CONFIG": "1"},
            timeout=600,
            check=False,
        )
        return done.returncode == 0

    def packages(self, folder: Path) -> tuple[str, ...]:
        """Return what is installed in an environment, in order.

        Raises
        ------
        SourceUnavailable
            When that is not told in time.
        """
        try:
            done = subprocess.run(
                [uv.find_uv_bin(), "pip", "freeze", "--python", str(folder / "bin" / "python")],
                capture_output=True,
                text=True,
                cwd="/",
                env={"UV_CACHE_DIR": str(self._cache), "UV_NO_CONFIG": "1"},
                timeout=60,
                check=True,
            )
        except subprocess.SubprocessError as error:
            raise SourceUnavailable("What was installed is not told; try again.") from error
        return tuple(sorted(done.stdout.split("\n")[:-1]))

    def _run(
        self, words: list[str], order: Order, until: float, should_stop: Callable[[], bool]
    ) -> None:
        with order.log.open("ab") as log:
            began = log.tell()
            process = subprocess.Popen(
                [uv.find_uv_bin(), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={
                    **order.variables,
                    "UV_CACHE_DIR": str(self._cache),
                    processes.MARK: order.mark,
                },
                start_new_session=True,
                preexec_fn=partial(processes.die_with, os.getpid()),
            )
            try:
                _wait(process, order, until, should_stop)
            finally:
                process.kill()
                process.wait()
                processes.sweep(order.mark)
        if process.returncode != 0:
            _refuse(order.log.read_bytes()[began:].decode(errors="replace"))


def _wait(
    process: "subprocess.Popen[bytes]",
    order: Order,
    until: float,
    should_stop: Callable[[], bool],
) -> None:
    while process.poll() is None:
        if time.monotonic() > until:
            raise SourceUnavailable(
                f"Building the environment took longer than {order.seconds:.0f} seconds; try again."
            )
        if should_stop():
            raise SourceUnavailable("Building the environment was stopped on request.")
        time.sleep(_LOOK_EVERY)


def _refuse(said: str) -> None:
    """Say in one sentence why it did not work."""
    causes = [
        line.strip().removeprefix("error:").removeprefix("cause:").strip()
        for line in said.splitlines()
        if line.strip().startswith(("error:", "cause:"))
    ]
    cause = (causes or ["the builder gave no reason"])[1 if len(causes) > 1 else 0].rstrip(".")
    if any(word in said for word in _HASHES):
        raise IntegrityBroken("A package is not the one whose digest stands in the lock.")
    if any(word in said for word in _UNREACHABLE):
        raise SourceUnavailable("The package index does not answer; try again.", cause=cause)
    raise InvalidInput(f"The environment cannot be built: {cause[:300]}.")
