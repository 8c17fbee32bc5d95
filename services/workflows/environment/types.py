"""The nouns of environments, and what may go wrong with one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Prepared:
    """What a script can run in now.

    Attributes
    ----------
    digest
        SHA-256: of the lock; of the packages that this program runs with; empty for an image, whose name says it.
    python
        The interpreter; ``python`` for an image, which brings its own.
    image
        The image; empty without one.
    variables
        What the script needs in its environment to find its programs.
    packages
        ``name==version`` of all that is installed, in order; empty for an image.
    seconds
        What building took; None where nothing was built.
    """

    digest: str
    python: str
    image: str = ""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    packages: tuple[str, ...] = ()
    seconds: float | None = None

    def command(self, given: tuple[str, ...]) -> tuple[str, ...]:
        """Return a command whose ``python`` is that of the environment."""
        if given and given[0] in ("python", "python3"):
            return (self.python, *given[1:])
        return given


@dataclass(frozen=True, slots=True)
class Order:
    """What the builder is asked for: which packages, where, within which time.

    Attributes
    ----------
    requires_hashes
        Whether the lock names the digest of every file.
    variables
        Where packages come from, as the builder reads it.
    options
        As ``variables``, where the builder has no variable for it.
    log
        Where the builder's words are appended.
    mark
        Carried by every process of the builder; by it they are found when nobody watches them any more.
    """

    lock: Path
    folder: Path
    requires_hashes: bool
    seconds: float
    variables: Mapping[str, str]
    options: tuple[str, ...]
    log: Path
    mark: str
