"""Files of a git repository at one commit, through the git program; nothing of it is run."""

import fcntl
import hashlib
import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.kernel.error import InvalidInput, SourceUnavailable

SECONDS = 120.0
PROTOCOLS = "https:http:ssh:git:file"


class Checkout:
    """Repositories kept bare below a folder, so that a commit is fetched once.

    Parameters
    ----------
    cache
        Where they are kept: ``jobs/code``.
    seconds
        How long one call of git may take.
    """

    def __init__(self, cache: Path, seconds: float = SECONDS) -> None:
        self._cache, self._seconds = cache, seconds

    def extract(self, location: str, commit: str, into: Path, below: str = "") -> None:
        """Write the files of a commit into a folder that is there and empty.

        Parameters
        ----------
        below
            Of which folder of the repository; empty for the whole.

        Raises
        ------
        InvalidInput
            When the commit is not there, or a file of it would land outside the folder.
        SourceUnavailable
            When the repository does not answer, or takes too long.
        """
        with self._repository(location) as bare:
            if not self._holds(bare, commit):
                self._fetch(bare, location, commit)
            named = f"{commit}:{below}" if below else commit
            done = self._git(bare, "archive", "--format=tar", named)
            if done.returncode:
                raise InvalidInput(f"Commit {commit[:12]} of {location} has no folder {below!r}.")
        unpack(done.stdout, into)

    @contextmanager
    def _repository(self, location: str) -> Iterator[Path]:
        """Open the bare repository of an address; nobody else opens it meanwhile."""
        name = hashlib.sha256(location.encode()).hexdigest()[:16]
        bare = self._cache / f"{name}.git"
        bare.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._cache / f"{name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (bare / "HEAD").exists():
                self._git(bare, "init", "--bare", "--quiet", ".")
            yield bare

    def _holds(self, bare: Path, commit: str) -> bool:
        return self._git(bare, "cat-file", "-e", f"{commit}^{{commit}}").returncode == 0

    def _fetch(self, bare: Path, location: str, commit: str) -> None:
        """Fetch a commit by its digits; where a server does not give one away alone, everything."""
        alone = ("fetch", "--quiet", "--no-tags", "--depth=1", "--", location, commit)
        whole = ("fetch", "--quiet", "--no-tags", "--", location, "+refs/*:refs/*")
        if self._git(bare, *alone).returncode and (told := self._git(bare, *whole)).returncode:
            said = told.stderr.decode(errors="replace")
            raise SourceUnavailable(
                f"The repository {location} does not answer; is its address right?", error=said
            )
        if not self._holds(bare, commit):
            raise InvalidInput(f"{location} has no commit {commit[:12]}; was it pushed?")

    def _git(self, bare: Path, *words: str) -> "subprocess.CompletedProcess[bytes]":
        try:
            return subprocess.run(
                ["git", "-c", "core.hooksPath=/dev/null", *words],  # noqa: S607 - whatever git there is
                cwd=bare,
                env=_environment(bare),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._seconds,
                check=False,
            )
        except FileNotFoundError as error:
            raise SourceUnavailable("There is no git on this machine; install it.") from error
        except subprocess.TimeoutExpired as error:
            raise SourceUnavailable(
                f"git took longer than {self._seconds:g} seconds; try again later."
            ) from error


def _environment(bare: Path) -> dict[str, str]:
    """Return what git is told: nothing of ours, nothing to ask, and no program as a transport."""
    kept = {
        name: os.environ[name] for name in ("PATH", "HOME", "SSH_AUTH_SOCK") if name in os.environ
    }
    return kept | {
        "GIT_DIR": str(bare.absolute()),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "GIT_ALLOW_PROTOCOL": PROTOCOLS,
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=10",
        "LC_ALL": "C",
    }


def unpack(data: bytes, into: Path) -> None:
    """Write the files of a tar archive; links may lead to files of the same archive alone.

    Raises
    ------
    InvalidInput
        When a file would land, or a link would lead, outside the folder.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as held:
            held.extractall(into, filter="data")
    except tarfile.FilterError as error:
        raise InvalidInput(
            f"The code has {error.tarinfo.name!r}, which leads out of its folder; remove it."
        ) from error
    except tarfile.TarError as error:
        raise SourceUnavailable("git gave no readable archive; try again.") from error
