"""The head of a model and what drives all its tabs: version, compare-with."""

from dataclasses import dataclass

TABS = (
    "Overview", "Card", "Lineage", "Performance", "Fairness", "Explanations", "Decisions",
    "Evidence", "Activity",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VersionOption:
    """A version that can be chosen: its number and what is said of it."""

    number: int
    label: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one action that is valid for this person, or why there is none.

    Attributes
    ----------
    kind
        ``govern``, ``review``, ``request`` or ``nothing``.
    """

    kind: str
    words: str
    review_id: str = ""


@dataclass(frozen=True, slots=True)
class ModelHead:
    """What stands on top of a model's page."""

    name: str
    alias: str
    alias_version: int | None
    facts: tuple[str, ...]
    governed: bool
    status: str
    word: str
    lead: str
    rest: str
    next: NextStep
    versions: tuple[VersionOption, ...]
    version: int
    compare: int | None
    freshness: str
    stale: str = ""
