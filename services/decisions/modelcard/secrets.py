"""Things that must not stand in a card: keys and tokens that somebody pasted along."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.decisions.modelcard.types import SecretFound

_PATTERNS = (
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    (
        "an AWS secret key",
        r"(?i)aws.{0,20}(?:secret|key).{0,10}[=:]\s*[\"']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])",
    ),
    ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})"),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    ("a Google key", r"\bAIza[0-9A-Za-z_-]{35}"),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}"),
    ("a Stripe key", r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("an API key", r"\bsk-[A-Za-z0-9_-]{20,}"),
    ("a token of this console", r"\bcs_[A-Za-z0-9_-]{43}"),
    ("a JSON web token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    ("a password in an address", r"[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s/@]{3,}@[^\s/]+"),
    ("a password", r"(?i)\b(?:password|passwd|secret|api[_-]?key)\s*[=:]\s*[\"']?[^\s\"']{8,}"),
)
_COMPILED = tuple((what, re.compile(pattern)) for what, pattern in _PATTERNS)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that looks like a secret.

    Attributes
    ----------
    masked
        Its first four characters and its length; never more.
    """

    what: str
    line: int
    masked: str


def findings(text: str) -> Iterator[Finding]:
    """Yield what looks like a secret, with its line from 1; nothing when nothing is wrong."""
    for what, pattern in _COMPILED:
        for match in pattern.finditer(text):
            found = match.group(0)
            line = text.count("\n", 0, match.start()) + 1
            yield Finding(what, line, f"{found[:4]}… ({len(found)} characters)")


def refuse_secrets(text: str, where: str) -> None:
    """Refuse a text that holds something like a secret.

    Raises
    ------
    SecretFound
        Naming what it looks like, its line and its first four characters.
    """
    for each in findings(text):
        raise SecretFound(
            f"{where} holds what looks like {each.what} on line {each.line}: {each.masked}; "
            "remove it, and replace it wherever it was in use."
        )
