"""The nouns of what is known of training data before anybody asks for a training."""

from dataclasses import dataclass
from datetime import datetime

KIND = "source_look"


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """What the source of a recipe held when its rows were read last.

    Attributes
    ----------
    sign
        See ``facts.training_data.signs``; empty where a source has none.
    sha256, first_sha256
        Of the rows that the recipe takes: now, and when they were read for the first time.
    last_at
        Of the newest row; None where there is no time column.
    """

    model: str
    recipe_sha256: str
    sign: str
    sha256: str
    first_sha256: str
    rows: int
    last_at: datetime | None
    looked_at: datetime


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest training data that is known of a model.

    Attributes
    ----------
    before
        Digest of the rows that were there first; empty where a snapshot is pinned, which nobody reads.
    max_age_days
        As the recipe says: rows trained on may be so old before newer ones ask; None for at once.
    """

    sha256: str
    before: str = ""
    rows: int = 0
    last_at: datetime | None = None
    max_age_days: int | None = None
