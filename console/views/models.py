"""Models: the inventory, the governed version first, and what is not yet governed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One governed model.

    Attributes
    ----------
    state
        Glyph and word of the governance state, as on a canvas.
    gaps
        What is missing, stale or failing, each as glyph and words.
    ratio
        The worst impact ratio over groups, or None when never measured.
    """

    name: str
    title: str
    tier: str
    legal_class: str
    state: str
    approved: str
    evidence: str
    gaps: tuple[str, ...]
    ratio: float | None
    ratio_n: int | None
    ratio_fails: bool
    days_left: int | None
    next_duty: str
    owner: str
    team: str


@dataclass(frozen=True, slots=True)
class UngovernedRow:
    """A model of MLflow that nobody governs yet."""

    name: str
    versions: int
    aliases: str
    in_production: bool
    seen: str


@dataclass(frozen=True, slots=True)
class GovernOptions:
    """What the form that begins governance offers: ids with what is said of them."""

    allowed: bool
    why: str
    people: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...]
    tiers: tuple[tuple[str, str], ...]
    legal_classes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ModelsView:
    """What the inventory shows, filtered."""

    sentence: str
    rows: tuple[ModelRow, ...]
    total: int
    ungoverned: tuple[UngovernedRow, ...]
    attention: tuple[tuple[str, str], ...]
    owners: tuple[str, ...]
    teams: tuple[str, ...]
    tiers: tuple[str, ...]
    legal_classes: tuple[str, ...]
    states: tuple[str, ...]
    options: GovernOptions
    stale: str = ""
