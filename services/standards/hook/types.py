"""The nouns of webhooks that come in."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Style(StrEnum):
    """Who sends, which decides how a push is signed and written."""

    GITHUB = "github"
    GITLAB = "gitlab"

    @property
    def words(self) -> str:
        """Return the name as people write it."""
        return {"github": "GitHub", "gitlab": "GitLab"}[self.value]


@dataclass(frozen=True, slots=True)
class Hook:
    """One repository that may tell of pushes.

    Attributes
    ----------
    repository
        Its address as it was written.
    address
        Host and path, in which all ways of writing the address agree; see :func:`rules.address`.
    heard_at
        When a signed delivery came last; None before the first.
    """

    name: str
    style: Style
    repository: str
    address: str
    made_by: str
    since: datetime
    heard_at: datetime | None = None
