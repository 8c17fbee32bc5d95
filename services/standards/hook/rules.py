"""What a webhook must be like, and when two addresses are one repository: pure functions."""

import re
from urllib.parse import urlsplit

from services.kernel.error import InvalidInput
from services.kernel.text import one_line
from services.standards.hook.types import Style

LONGEST_NAME, LONGEST_ADDRESS = 60, 500
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SCP = re.compile(r"(?:[^@/:\s]+@)?([A-Za-z0-9.-]+):(?!/)([\w.~/+%@-]+)")


def address(text: str) -> str:
    """Return host and path of a repository; empty when the text is no address of one.

    Notes
    -----
    ``https://host/owner/name.git``, ``ssh://git@host:22/owner/name`` and ``git@host:owner/name.git`` are
    one repository. Hosts are case-insensitive, and so are the paths of both services that send pushes.
    """
    words = text.strip()
    if "://" in words:
        try:
            parts = urlsplit(words)
            host, path = parts.hostname or "", parts.path
        except ValueError:
            return ""
    elif found := _SCP.fullmatch(words):
        host, path = found[1], found[2]
    else:
        return ""
    path = path.strip("/").removesuffix(".git")
    return f"{host}/{path}".lower() if host and path else ""


def checked(name: str, repository: str) -> tuple[str, str]:
    """Return the address as it was written, and as it is compared.

    Raises
    ------
    InvalidInput
        When the name or the address cannot be used.
    """
    if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise InvalidInput(
            "A webhook's name is made of small letters, digits and hyphens, 60 at most."
        )
    written = one_line(repository, limit=LONGEST_ADDRESS, what="The address of the repository")
    if re.search(r"://[^/@\s]*:[^/@\s]+@", written):
        raise InvalidInput("Write the address of the repository without a password.")
    found = address(written)
    if not found:
        raise InvalidInput(
            "Write the address as git clones it, such as https://git.example.org/team/models.git."
        )
    return written, found


def style_of(text: str) -> Style:
    """Return who sends.

    Raises
    ------
    InvalidInput
        When nobody sends like that.
    """
    if text not in set(Style):
        raise InvalidInput(f"A webhook comes from one of {', '.join(Style)}.")
    return Style(text)
