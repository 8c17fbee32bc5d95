"""Badges, icons and codes as Markdown; data in them is escaped by whoever writes it."""

from console.format import plain, solid
from console.theme import STATUS


def badge(status: str, word: str | None = None) -> str:
    """Return a status as icon, word and colour, for a sentence or a table cell."""
    icon, default, colour = STATUS[status]
    return f":{colour}-badge[:material/{icon}: {word or default}]"


def chip(word: str, icon: str = "", colour: str = "gray") -> str:
    """Return a badge that is no status: a role, a time left."""
    return f":{colour}-badge[{f':material/{icon}: ' if icon else ''}{plain(word)}]"


def sign(name: str) -> str:
    """Return a status icon, or another icon in the accent colour (things a person does)."""
    icon, _, colour = STATUS.get(name, (name, "", "primary"))
    return f":{colour}[:material/{icon}:]"


def muted(words: str) -> str:
    """Return words in muted ink."""
    return f":gray[{words}]" if words else ""


def code(name: str) -> str:
    """Return a clause or record number in muted ink, never broken over two lines."""
    return muted(plain(solid(name)))


def mono(text: str) -> str:
    """Return data in the mono face: digests, ids, paths."""
    clean = " ".join(text.replace("`", "ʼ").split())
    return f"`{clean}`" if clean else ""


def ended(text: str, limit: int) -> str:
    """Return a sentence cut at its end, at a word, to at most ``limit`` characters."""
    if len(text) <= limit:
        return text
    return f"{text[: limit - 1].rsplit(' ', 1)[0].rstrip(',;:')}…"
