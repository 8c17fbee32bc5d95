"""Keeping and forgetting views of a page."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


def keep(
    services: "Services", principal: Principal, page: str, name: str, query: Mapping[str, str]
) -> str:
    """Keep what stands in the address under a name."""
    kept = services.bookmarks.keep(principal.person_id, page, name, query)
    return f"The view is kept as {kept.name}."


def forget(services: "Services", principal: Principal, page: str, name: str) -> str:
    """Forget a view."""
    services.bookmarks.forget(principal.person_id, page, name)
    return "The view is forgotten."
