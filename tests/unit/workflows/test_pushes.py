"""What shows that a push is signed, and what it says."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from services.kernel.error import InvalidInput, NotPermitted
from services.standards.hook.types import Style
from services.workflows.push.payloads import is_signed, pushed
from services.workflows.push.types import Delivery, Pushed

SECRET, COMMIT = "a-secret-of-somebody", "ab" * 20
GITHUB: dict[str, Any] = {
    "ref": "refs/heads/main",
    "before": "cd" * 20,
    "after": COMMIT,
    "repository": {
        "clone_url": "https://github.com/Acme/flights.git",
        "ssh_url": "git@github.com:Acme/flights.git",
    },
}
GITLAB: dict[str, Any] = {
    "object_kind": "push",
    "ref": "refs/heads/main",
    "after": COMMIT,
    "project": {"git_http_url": "https://github.com/acme/flights.git", "git_ssh_url": 3},
}


def mac(body: bytes, secret: str = SECRET) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def read(style: Style, told: dict[str, Any]) -> Pushed | None:
    return pushed(style, json.dumps(told).encode())


def test_github_signs_the_very_bytes() -> None:
    body = json.dumps(GITHUB).encode()
    is_signed(Style.GITHUB, SECRET, Delivery(body, mac(body)))
    for wrong in (
        Delivery(body + b" ", mac(body)),
        Delivery(body, mac(body, "another")),
        Delivery(body, mac(body).removeprefix("sha256=")),
        Delivery(body, ""),
        Delivery(body, "", SECRET),
        Delivery(body, "sha256=\udcff"),
    ):
        with pytest.raises(NotPermitted, match="not signed"):
            is_signed(Style.GITHUB, SECRET, wrong)


def test_gitlab_shows_the_secret() -> None:
    is_signed(Style.GITLAB, SECRET, Delivery(b"{}", "", SECRET))
    for wrong in ("", "another", SECRET + "x", SECRET[:-1]):
        with pytest.raises(NotPermitted, match="not signed"):
            is_signed(Style.GITLAB, SECRET, Delivery(b"{}", mac(b"{}"), wrong))


@pytest.mark.parametrize(("style", "told"), [(Style.GITHUB, GITHUB), (Style.GITLAB, GITLAB)])
def test_a_push_says_where_a_branch_stands(style: Style, told: dict[str, Any]) -> None:
    here = frozenset({"github.com/acme/flights"})
    assert read(style, told) == Pushed(here, "main", COMMIT)
    named = {**told, "ref": "refs/heads/feature/rate"}
    assert getattr(read(style, named), "branch", "") == "feature/rate"
    assert read(style, {**told, "ref": "refs/tags/v1"}) is None
    assert read(style, {**told, "after": "0" * 40}) is None, "the branch is gone"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"after": "abc"}, "in full"),
        ({"after": None}, "names 'ref' and 'after'"),
        ({"ref": 7}, "names 'ref' and 'after'"),
        ({"ref": "refs/heads/" + "b" * 300}, "255"),
        ({"repository": "flights"}, "names its repository"),
    ],
)
def test_what_cannot_be_read_is_said(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read(Style.GITHUB, GITHUB | changed)


@pytest.mark.parametrize("body", [b"payload=%7B%7D", b"[]", b"", b"[" * 100_000])
def test_a_form_is_no_push(body: bytes) -> None:
    with pytest.raises(InvalidInput, match="application/json"):
        pushed(Style.GITHUB, body)
