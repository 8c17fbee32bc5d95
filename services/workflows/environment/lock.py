"""What is a lock: every package at one version, and nothing that the digest of the file does not cover."""

import re

from services.kernel.error import InvalidInput

_CONTINUED = re.compile(r"\\\s*\n")
_COMMENT = re.compile(r"(^|\s)#.*$")
_PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?\s*={2,3}\s*[^\s;,*]+\s*(;.*)?$")
_PLACED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?\s*@\s*\S+")
_HASH = "--hash="
_ELSEWHERE = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--trusted-host", "--no-index")  # fmt: skip


def check(text: str) -> bool:
    """Return whether a lock names the digest of every file.

    Parameters
    ----------
    text
        As ``uv pip compile``, ``pip-compile`` or ``pip freeze`` write it.

    Raises
    ------
    InvalidInput
        When a package has no version, only some have digests, or a line leads to somewhere else.
    """
    lines = [line for line in map(_bare, _CONTINUED.sub(" ", text).splitlines()) if line]
    if not lines:
        raise InvalidInput("The lock names no package; write one with `uv pip compile`.")
    hashed = [_is_hashed(line) for line in lines]
    if any(hashed) and not all(hashed):
        bare = _name(lines[hashed.index(False)])
        raise InvalidInput(
            f"The lock has digests, but not of {bare}; "
            "write it with `uv pip compile --generate-hashes`."
        )
    return all(hashed)


def _bare(line: str) -> str:
    return _COMMENT.sub("", line).strip()


def _is_hashed(line: str) -> bool:
    """Return whether a line names a digest, or refuse it."""
    requirement, _, digests = line.partition(_HASH)
    if requirement.startswith("-"):
        word = re.split(r"[\s=]", requirement)[0]
        raise InvalidInput(
            f"The lock says {word}: where packages come from is set on the worker; leave it away."
            if word in _ELSEWHERE
            else f"The lock says {word}, which its digest would not cover; name the packages."
        )
    if _PLACED.match(requirement) and not digests:
        raise InvalidInput(
            f"{_name(line)} comes from an address without a digest; add --hash=sha256:… to it."
        )
    if not _PLACED.match(requirement) and not _PINNED.match(requirement.strip()):
        raise InvalidInput(
            f"{_name(line)!r} has no exact version; write {_name(line)}==…, "
            "or make a lock with `uv pip compile`."
        )
    return bool(digests)


def _name(line: str) -> str:
    found = re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line)
    return found[0] if found else line[:40]
