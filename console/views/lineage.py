"""Where a version comes from, as a list: dataset digest, run, version, commit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineageRow:
    """One thing a version was made of.

    Attributes
    ----------
    traced
        Whether a full digest identifies it.
    """

    what: str
    name: str
    digest: str
    source: str
    traced: bool


@dataclass(frozen=True, slots=True)
class LineageView:
    """The list, and the run that made the version."""

    status: str
    sentence: str
    rows: tuple[LineageRow, ...]
    run: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...]
