from datetime import UTC, datetime
from pathlib import Path

import pytest

from console import navigation
from services.kernel.identity import Role
from services.people.account.types import Grant, Principal
from services.standards.authority.rules import Authority

PAGES = Path(__file__).parents[3] / "pages"


def person(*roles: Role) -> Principal:
    grants = tuple(Grant("p", role) for role in roles)
    return Principal("p", "P", "p@example.org", grants, (), "s", datetime(2026, 3, 14, tzinfo=UTC))


def allowed(*roles: Role) -> dict[str, bool]:
    return navigation.permitted(person(*roles), Authority().permits)


def test_every_page_has_its_file_and_every_file_its_page() -> None:
    files = {path.stem for path in PAGES.glob("*.py")} - {"__init__"}
    assert {entry.name for entry in navigation.ENTRIES} == files


def test_somebody_without_a_role_may_open_nothing() -> None:
    assert not any(allowed().values())


def test_a_viewer_sees_models_and_neither_people_nor_the_trail() -> None:
    pages = allowed(Role.VIEWER)
    assert pages["models"]
    assert not pages["people"]
    assert not pages["trail"]
    assert "people" not in navigation.bar(pages)


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.ADMINISTRATOR])
def test_only_an_administrator_manages_people(role: Role) -> None:
    assert not allowed(role)["people"]
    assert allowed(Role.ADMINISTRATOR)["people"]


def test_pages_reached_by_links_do_not_stand_in_the_bar() -> None:
    shown = navigation.bar(allowed(*Role))
    assert "model" not in shown
    assert "review" not in shown
    assert shown[0] == "home"
