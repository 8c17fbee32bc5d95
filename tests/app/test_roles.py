"""Every page opened by its address, by every role: written out by hand beside the table that decides."""

from typing import Any

import pytest

from services.kernel.identity import Role
from tests.support.app import opened, words
from tests.support.console_services import NAME, govern, person

ROLES = (
    "viewer", "contributor", "owner", "validator", "approver", "stakeholder", "operator", "auditor",
    "administrator",
)  # fmt: skip
# one column a role, in the order above
PAGES = """
home       x x x x x x x x x
models     x x x x x x x x x
model      x x x x x x x x x
reviews    x x x x x x x x x
review     x x x x x x x x x
monitoring x x x x x x x x x
alerts     x x x x x x x x x
incidents  x x x x x x x x x
trail      . . x x x . . x x
system     . . . . . . x x x
channels   . . . . . . x . x
people     . . . . . . . . x
catalogue  x x x x x x x x x
glossary   x x x x x x x x x
"""
TABLE = {
    row.split()[0]: dict(zip(ROLES, row.split()[1:], strict=True))
    for row in PAGES.strip().splitlines()
}
REFUSED = "This page needs a role that you do not hold"


@pytest.mark.parametrize("role", ROLES)
def test_a_page_that_is_not_permitted_is_refused_by_its_address(services: Any, role: str) -> None:
    govern(services, person(services, "Olga Owner", Role.OWNER))
    who = person(services, "Pat Person", Role(role))
    for page, marks in TABLE.items():
        query = {"name": NAME} if page in ("model", "monitoring") else {}
        at = opened(services, who, page, **query)
        assert not at.exception, page
        assert (REFUSED in words(at)) == (marks[role] == "."), (page, role)
        assert at.title, page


ODD = (
    {"name": "../admin"},
    {"name": "x' OR name='secret"},
    {"name": "no\x00body"},
    {"name": "\u202eabc", "version": "-1", "tab": "Nothing", "compare": "1e9"},
    {"name": NAME, "version": "99999999999999999999", "compare": "<script>"},
    {"name": NAME, "tab": "../../etc/passwd", "id": "'; DROP TABLE trail_event; --"},
    {"name": NAME, "tab": "Card", "edit": "no_such_section", "revision": "-3"},
    {"name": NAME, "tab": "Evidence", "id": "0" * 4000},
    {"name": NAME, "role": "approver", "person": "p1", "admin": "../people"},
)


@pytest.mark.parametrize("query", ODD, ids=[str(n) for n in range(len(ODD))])
def test_an_address_that_somebody_made_up_breaks_nothing(
    services: Any, query: dict[str, str]
) -> None:
    owner = person(services, "Olga Owner", Role.OWNER)
    govern(services, owner)
    at = opened(services, owner, "model", **query)
    assert not at.exception
    assert "broke on our side" not in words(at)


@pytest.mark.parametrize("review", ["", "somebody-elses", "../people", "\x00", "' OR 1=1 --"])
def test_a_review_that_is_not_there_is_said_to_be_missing(services: Any, review: str) -> None:
    at = opened(services, person(services, "Olga Owner", Role.OWNER), "review", id=review)
    assert not at.exception
    assert "Not found" in words(at) or "Choose a review first" in words(at)


def test_a_role_in_the_address_gives_none(services: Any) -> None:
    viewer = person(services, "Vic Viewer", Role.VIEWER)
    at = opened(services, viewer, "people", role="administrator", user="adam", admin="1")
    assert REFUSED in words(at)
