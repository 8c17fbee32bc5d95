"""Environments of training scripts: there, or built now, each of them once."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from services.decisions.recipe.types import Environment, EnvironmentKind
from services.kernel.error import InvalidInput, SourceUnavailable
from services.workflows.engine.local import processes
from services.workflows.environment import lock, registry
from services.workflows.environment.types import Order, Prepared
from services.workflows.environment.uv_adapter import Uv

SECONDS = 900.0
_LOCK_LIMIT = 4 * 1024 * 1024
ABOUT, CACHE = "environment.json", "cache"
_PATH = "/usr/local/bin:/usr/bin:/bin"
_LOOK_EVERY = 0.1


def never() -> bool:
    """Do not stop."""
    return False


class Environments:
    """The environments of one machine.

    Parameters
    ----------
    root
        ``jobs/env`` of the workspace, on a local disk.
    seconds
        How long building one may take, and waiting for somebody else who builds it.
    """

    def __init__(self, root: Path, seconds: float = SECONDS) -> None:
        self._root = root.absolute()
        self._seconds = seconds
        self._uv = Uv(self._root / CACHE)

    def prepare(
        self,
        wanted: Environment,
        code: Path,
        log: Path,
        *,
        runs_images: bool = False,
        should_stop: Callable[[], bool] = never,
    ) -> Prepared:
        """Return what a script can run in.

        Parameters
        ----------
        code
            The folder of the entry, where the lock lies.
        log
            Where the words of the builder are appended.
        runs_images
            Whether the engine runs container images.

        Raises
        ------
        InvalidInput
            When the lock is none, a package cannot be found, or the engine runs no images.
        IntegrityBroken
            When a package is not the one whose digest stands in the lock.
        SourceUnavailable
            When an index does not answer, it takes too long, or it was stopped.
        """
        if wanted.kind is EnvironmentKind.RUNNING:
            return running()
        if wanted.kind is EnvironmentKind.IMAGE:
            if not runs_images:
                raise InvalidInput(
                    "This engine runs no images; choose one that does, or an environment by lock."
                )
            return Prepared("", "python", image=wanted.name)
        return self._by_lock(_bytes(code, wanted.name), log, should_stop)

    def _by_lock(self, content: bytes, log: Path, should_stop: Callable[[], bool]) -> Prepared:
        digest = hashlib.sha256(content).hexdigest()
        requires_hashes = lock.check(content.decode(errors="replace"))
        name = f"{digest}-cp{sys.version_info.major}{sys.version_info.minor}"
        folder = self._root / name
        if (found := _found(folder, digest)) is not None:
            return found
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone(self._root / f"{name}.lock", should_stop):
            if (found := _found(folder, digest)) is not None:
                return found
            pip = registry.told_by_pip(_pip_config())
            text = self._root / f"{name}.txt"
            text.write_bytes(content)
            order = Order(
                lock=text,
                folder=self._root / f"{name}.building",
                requires_hashes=requires_hashes,
                seconds=self._seconds,
                variables=registry.variables(pip, os.environ),
                options=registry.options(pip),
                log=log,
                mark=hashlib.sha256(str(folder).encode()).hexdigest(),
            )
            return self._build(order, folder, digest, should_stop)

    def _build(
        self, order: Order, folder: Path, digest: str, should_stop: Callable[[], bool]
    ) -> Prepared:
        """Build beside the place, and put it there when it is whole.

        Who built it before and died may have left something that still builds; its lock is free, so that is ended.
        """
        processes.sweep(order.mark)
        shutil.rmtree(order.folder, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        began = time.monotonic()
        try:
            self._uv.build(order, should_stop)
            seconds = time.monotonic() - began
            about = {"packages": self._uv.packages(order.folder), "seconds": seconds}
            (order.folder / ABOUT).write_text(json.dumps(about))
            order.folder.rename(folder)
        finally:
            shutil.rmtree(order.folder, ignore_errors=True)
        return replace(_prepared(folder, digest, about), seconds=seconds)

    @contextmanager
    def _alone(self, path: Path, should_stop: Callable[[], bool]) -> Iterator[None]:
        """Hold a file's lock."""
        until = time.monotonic() + self._seconds
        with path.open("a") as file:
            while not _take(file.fileno()):
                if time.monotonic() > until or should_stop():
                    raise SourceUnavailable("The environment is still being built; try again.")
                time.sleep(_LOOK_EVERY)
            yield


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _bytes(code: Path, name: str) -> bytes:
    """Return the lock, from the code's own folder and nowhere else."""
    path = (code / name).resolve()
    if not path.is_relative_to(code.resolve()) or not path.is_file():
        raise InvalidInput(f"There is no {name!r} beside the code; name the lock in its folder.")
    if path.stat().st_size > _LOCK_LIMIT:
        raise InvalidInput(f"{name!r} is too large to be a lock.")
    return path.read_bytes()


def _found(folder: Path, digest: str) -> Prepared | None:
    """Return an environment that is there and whole; None where it must be built.

    It is marked as used first, so that nobody takes it away meanwhile.
    """
    with suppress(FileNotFoundError):
        os.utime(folder / ABOUT)
        if (folder / "bin" / "python").exists():
            return _prepared(folder, digest, json.loads((folder / ABOUT).read_text()))
    return None


def _prepared(folder: Path, digest: str, about: dict[str, Any]) -> Prepared:
    return Prepared(
        digest,
        str(folder / "bin" / "python"),
        variables={"PATH": f"{folder / 'bin'}:{_PATH}", "VIRTUAL_ENV": str(folder)},
        packages=tuple(about["packages"]),
    )


@cache
def running() -> Prepared:
    """Return what this program itself runs in."""
    packages = sorted({f"{each.name}=={each.version}" for each in distributions()})
    digest = hashlib.sha256("\n".join(packages).encode()).hexdigest()
    folder = Path(sys.executable).parent
    return Prepared(
        digest, sys.executable, variables={"PATH": f"{folder}:{_PATH}"}, packages=tuple(packages)
    )


def _pip_config() -> str:
    """Return what pip was told on this machine; empty where there is no pip."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", "pip", "config", "list"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
