"""Text that came from outside, made safe to keep."""

import unicodedata

from services.kernel.error import InvalidInput

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ALLOWED_CONTROLS = frozenset("\n\t")


def clean(text: str, *, limit: int, what: str) -> str:
    """Return text in NFC without surrounding space.

    Parameters
    ----------
    limit
        Most characters allowed after cleaning.
    what
        The name of the field, for the message.

    Raises
    ------
    InvalidInput
        When it holds control characters (line breaks and tabs are allowed), overrides of the
        writing direction, half of a surrogate pair, or is too long.
    """
    normal = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    for character in normal:
        kind = unicodedata.category(character)
        if character in _BIDI or (kind in ("Cc", "Cs") and character not in _ALLOWED_CONTROLS):
            raise InvalidInput(
                f"{what} contains the hidden character U+{ord(character):04X}; remove it."
            )
    if len(normal) > limit:
        raise InvalidInput(f"{what} has {len(normal):,} characters; {limit:,} is the most.")
    return normal


def one_line(text: str, *, limit: int, what: str) -> str:
    """Return cleaned text that must stand on one line and not be empty.

    Raises
    ------
    InvalidInput
        As :func:`clean`, and when it is empty or has a line break.
    """
    normal = clean(text, limit=limit, what=what)
    if not normal:
        raise InvalidInput(f"{what} is empty; fill it in.")
    if "\n" in normal or "\t" in normal:
        raise InvalidInput(f"{what} must stand on one line.")
    return normal


def visible(text: str) -> str:
    """Return text for a log or a list, with hidden characters spelled out by code point."""
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text
    )


def keepable(text: str) -> str:
    """Return text from another system as a database can keep it: NUL and half surrogates spelled out."""
    return "".join(
        f"\\u{ord(c):04x}" if c == "\x00" or unicodedata.category(c) == "Cs" else c for c in text
    )


def lookalike(text: str) -> str:
    """Return why a name could be taken for another one, in a few words; empty when it could not.

    Notes
    -----
    Letters of several alphabets in one name, and accents written as characters of their own, are the
    usual ways in which two names look the same (Unicode TS 39). Digits and marks belong to all.
    """
    alphabets = {_alphabet(c) for c in unicodedata.normalize("NFC", text) if c.isalpha()}
    if len(alphabets) > 1:
        return f"mixes letters of {' and '.join(sorted(alphabets))}"
    if any(unicodedata.combining(c) for c in text):
        return "writes accents as combining characters"
    return ""


def _alphabet(letter: str) -> str:
    first = unicodedata.name(letter, "unknown").split()[0].split("-")[0]
    return first if first == "CJK" else first.title()
