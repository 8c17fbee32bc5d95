"""Pages of a list: at most 200 things, and an opaque cursor to the next."""

import base64
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query

from services.kernel.error import InvalidInput

Limit = Annotated[int, Query(ge=1, le=200, description="Most entries of one page.")]
Cursor = Annotated[
    str | None,
    Query(max_length=2000, description="`next` of the page before; none: from the start."),
]


def cursor_of(key: str) -> str:
    """Return an opaque cursor that stands behind a key."""
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of(cursor: str | None) -> str | None:
    """Return the key behind which a cursor stands; None for the start.

    Raises
    ------
    InvalidInput
        When it is none of our cursors.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except ValueError as error:  # not of the alphabet, not of its length, no text
        raise InvalidInput("This cursor was not made here; start from the first page.") from error


_T = TypeVar("_T")


def page(
    entries: Sequence[_T], cursor: str | None, limit: int, key: Callable[[_T], str]
) -> tuple[list[_T], str | None]:
    """Return the entries behind a cursor, ordered by key, and the cursor of the next page."""
    after = key_of(cursor)
    ordered = sorted(entries, key=key)
    rest = [each for each in ordered if after is None or key(each) > after]
    chosen = rest[:limit]
    return chosen, cursor_of(key(chosen[-1])) if len(rest) > limit else None


def listed(name: str, entries: list[Any], following: str | None) -> dict[str, Any]:
    """Return a page in the shape of every list of this API."""
    return {name: entries, "next": following}
