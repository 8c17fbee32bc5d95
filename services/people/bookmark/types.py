"""The noun of a bookmark."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A view of a page under a name.

    Attributes
    ----------
    query
        What stands in the address.
    """

    name: str
    query: Mapping[str, str]
