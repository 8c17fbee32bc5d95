"""The glossary: one word per thing, read from ``docs/glossary.md``."""

import re
from dataclasses import dataclass
from pathlib import Path

_PLACES = (
    Path(__file__).parents[2] / "docs" / "glossary.md",
    Path(__file__).parents[1] / "static" / "glossary.md",
)
_BOLD = re.compile(r"^(?:[-*]\s+)?\*\*(?P<word>[^*]+)\*\*\s*[:.–-]?\s*(?P<text>.*)$")
_ROW = re.compile(r"^\|\s*\**(?P<word>[^|*]+?)\**\s*\|(?P<text>.*?)\|\s*$")


@dataclass(frozen=True, slots=True)
class Word:
    """A word and what it means here."""

    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class GlossaryView:
    """The words that hold a text, in order."""

    words: tuple[Word, ...]
    total: int


def load(query: str = "") -> GlossaryView:
    """Return the words whose name or meaning hold the text; empty means all."""
    found = next((place for place in _PLACES if place.exists()), None)
    words = parse(found.read_text(encoding="utf-8")) if found else ()
    wanted = query.casefold().strip()
    shown = tuple(w for w in words if wanted in f"{w.word} {w.meaning}".casefold())
    return GlossaryView(shown, len(words))


def parse(text: str) -> tuple[Word, ...]:
    """Return the words of a glossary: bold words that begin a line, or rows of a table."""
    words: dict[str, str] = {}
    for line in text.splitlines():
        found = _BOLD.match(line.strip()) or _ROW.match(line.strip())
        if found and not set(found["word"]) <= set("- :") and found["word"].lower() != "word":
            words[found["word"].strip()] = " ".join(found["text"].replace("`", "").split())
    return tuple(Word(name, words[name]) for name in sorted(words, key=str.casefold))
