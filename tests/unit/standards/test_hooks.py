"""When two addresses are one repository, and which cannot be set."""

import pytest

from services.kernel.error import InvalidInput
from services.standards.hook.rules import address, checked, style_of


@pytest.mark.parametrize(
    "written",
    [
        "https://git.example.org/Team/Models.git",
        "https://git.example.org/team/models/",
        "ssh://git@git.example.org:2222/team/models.git",
        "git@git.example.org:team/models.git",
        "git.example.org:team/models",
    ],
)
def test_every_way_of_writing_an_address_is_one_repository(written: str) -> None:
    assert address(written) == "git.example.org/team/models"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "models",
        "/srv/models",
        "https://git.example.org",
        "https://[broken/x",
        "javascript:alert(1)",
    ],
)
def test_what_names_no_repository_has_no_address(written: str) -> None:
    assert address(written) == ""
    with pytest.raises(InvalidInput):
        checked("flights", written)


def test_two_repositories_are_never_one() -> None:
    assert address("https://a.example/x/y") != address("https://b.example/x/y")
    assert address("https://a.example/x/y") != address("https://a.example/x/y2")


@pytest.mark.parametrize("name", ["", "Flights", "a b", "-a", "a" * 61, "../x"])
def test_a_name_that_would_not_stand_in_an_address_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="small letters"):
        checked(name, "https://git.example.org/team/models.git")


def test_a_password_is_never_kept_with_an_address() -> None:
    with pytest.raises(InvalidInput, match="without a password"):
        checked("flights", "https://me:secret@git.example.org/team/models.git")


def test_nobody_else_sends() -> None:
    with pytest.raises(InvalidInput, match="github, gitlab"):
        style_of("bitbucket")
