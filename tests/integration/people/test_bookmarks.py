"""Views that people keep, on each engine."""

import pytest

from services.kernel.error import InvalidInput
from services.people.bookmark.service import MOST, Bookmarks
from services.record.trail.unit_of_work import Store


@pytest.fixture
def bookmarks(store: Store) -> Bookmarks:
    return Bookmarks(store)


def kept(store: Store, bookmarks: Bookmarks, who: str = "p1") -> dict[str, dict[str, str]]:
    with store.reading() as session:
        return {each.name: dict(each.query) for each in bookmarks.of(session, who, "models")}


def test_a_view_is_kept_for_its_owner_alone(store: Store, bookmarks: Bookmarks) -> None:
    query = {"team": "Retail lending", "find": "a&b=c", "at": "2026-03-01"}
    bookmarks.keep("p1", "models", " Mine ", query)
    bookmarks.keep("p1", "reviews", "Mine", {"state": "open"})
    assert kept(store, bookmarks) == {"Mine": query}
    assert kept(store, bookmarks, "p2") == {}


def test_the_same_name_again_is_the_newer_view(store: Store, bookmarks: Bookmarks) -> None:
    bookmarks.keep("p1", "models", "Mine", {"tier": "high"})
    bookmarks.keep("p1", "models", "Mine", {})
    assert kept(store, bookmarks) == {"Mine": {}}
    bookmarks.forget("p1", "models", "Mine")
    bookmarks.forget("p1", "models", "Mine")
    assert kept(store, bookmarks) == {}


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "two\nlines", "nul\x00"])
def test_a_name_is_one_short_line(bookmarks: Bookmarks, name: str) -> None:
    with pytest.raises(InvalidInput):
        bookmarks.keep("p1", "models", name, {})


def test_neither_views_nor_their_number_grow_without_end(
    store: Store, bookmarks: Bookmarks
) -> None:
    with pytest.raises(InvalidInput, match="too long"):
        bookmarks.keep("p1", "models", "Long", {"find": "x" * 5_000})
    for number in range(MOST):
        bookmarks.keep("p1", "models", f"View {number}", {})
    with pytest.raises(InvalidInput, match="forget one"):
        bookmarks.keep("p1", "models", "One more", {})
    assert len(kept(store, bookmarks)) == MOST
