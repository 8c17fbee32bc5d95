"""Whether a delivery is signed, and what it says was pushed: pure functions."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from services.kernel.error import InvalidInput, NotPermitted
from services.standards.hook.rules import address
from services.standards.hook.types import Style
from services.workflows.push.types import Delivery, Pushed

REFUSED = "The delivery is not signed with the secret of its webhook; look at both."
JSON_ONLY = "A push is a JSON object; choose application/json as the content type of the webhook."
PUSHES: Mapping[Style, str] = {Style.GITHUB: "push", Style.GITLAB: "Push Hook"}
BRANCH, LONGEST_BRANCH = "refs/heads/", 255
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_HELD: Mapping[Style, tuple[str, tuple[str, ...]]] = {
    Style.GITHUB: ("repository", ("clone_url", "ssh_url", "html_url")),
    Style.GITLAB: ("project", ("git_http_url", "git_ssh_url", "web_url")),
}


def is_signed(style: Style, secret: str, delivery: Delivery) -> None:
    """Refuse a delivery that does not show that its sender knows the secret.

    Raises
    ------
    NotPermitted
        When it does not; the comparison takes as long for every text.
    """
    expected, given = secret, delivery.token
    if style is Style.GITHUB:
        mac = hmac.new(secret.encode(), delivery.body, hashlib.sha256).hexdigest()
        expected, given = f"sha256={mac}", delivery.signature
    if not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
        raise NotPermitted(REFUSED)


def is_push(style: Style, event: str) -> bool:
    """Tell whether a delivery is about a push to a branch."""
    return event == PUSHES[style]


def pushed(style: Style, body: bytes) -> Pushed | None:
    """Return at which commit a branch stands now; None for a tag, and for a branch that is gone.

    Raises
    ------
    InvalidInput
        Naming what of it cannot be used.
    """
    told = _told(body)
    reference, commit = told.get("ref"), told.get("after")
    if not isinstance(reference, str) or not isinstance(commit, str):
        raise InvalidInput("A push names 'ref' and 'after'; this one does not.")
    if not reference.startswith(BRANCH) or not commit.strip("0"):
        return None
    branch = reference.removeprefix(BRANCH)
    if len(branch) > LONGEST_BRANCH:
        raise InvalidInput(f"The name of a branch has {LONGEST_BRANCH} characters at most.")
    if not _COMMIT.fullmatch(commit):
        raise InvalidInput("The commit of a push is written in full, in small hexadecimal digits.")
    return Pushed(_addresses(style, told), branch, commit)


def _told(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(JSON_ONLY) from error
    if not isinstance(told, dict):
        raise InvalidInput(JSON_ONLY)
    return told


def _addresses(style: Style, told: Mapping[str, Any]) -> frozenset[str]:
    key, names = _HELD[style]
    held = told.get(key)
    if not isinstance(held, dict):
        raise InvalidInput(f"A push of {style.words} names its {key}; this one does not.")
    written = (held.get(name) for name in names)
    return frozenset(address(each) for each in written if isinstance(each, str)) - {""}
