"""A YAML file with the place of everything in it, so that an error can point."""

import difflib
import functools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import yaml

from services.standards.policy.types import PolicyError

LARGEST = 256 * 1024
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_ATTRIBUTE = re.compile(r"[A-Za-z_][\w]*(\*[A-Za-z_][\w]*)*")


@dataclass(frozen=True)
class Part:
    """One value of the file, and where it stands.

    Attributes
    ----------
    value
        A scalar, a list of parts, or parts by key.
    """

    value: Any
    line: int
    column: int
    keys: Mapping[str, "Part"] | None = None

    def fail(self, words: str) -> NoReturn:
        """Refuse this part.

        Raises
        ------
        PolicyError
            Always.
        """
        raise PolicyError(words, self.line, self.column)

    def members(
        self, allowed: Collection[str], required: Collection[str] = ()
    ) -> dict[str, "Part"]:
        """Return the parts of a mapping, refusing unknown and missing keys."""
        if not isinstance(self.value, dict):
            self.fail("a mapping is needed here")
        held: dict[str, Part] = self.value
        for key in held:
            if key not in allowed:
                where = (self.keys or {})[key]
                where.fail(f"unknown key {key!r}{suggestion(key, allowed)}")
        for key in required:
            if key not in held:
                self.fail(f"the key {key!r} is missing")
        return held

    def items(self) -> list["Part"]:
        """Return the parts of a list."""
        if not isinstance(self.value, list):
            self.fail("a list is needed here")
        return self.value

    def text(self) -> str:
        """Return a text."""
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail("a text is needed here")
        return self.value

    def name(self) -> str:
        """Return a name of ours: small letters, digits and hyphens, 60 at most."""
        text = self.text()
        if not _NAME.fullmatch(text) or len(text) > 60:
            self.fail("a name is made of small letters, digits and hyphens, 60 at most")
        return text

    def attribute(self) -> str:
        """Return a column name, or several joined by ``*``."""
        text = self.text()
        if not _ATTRIBUTE.fullmatch(text):
            self.fail("an attribute is a column name, or several joined by '*'")
        return text

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(each.text() for each in self.items())

    def number(self) -> float:
        """Return a finite number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.fail("a number is needed here")
        if self.value != self.value or abs(self.value) == float("inf"):
            self.fail("the number must be finite")
        return float(self.value)

    def positive(self) -> float:
        """Return a finite number, 0 or more."""
        number = self.number()
        if number < 0:
            self.fail("a number, 0 or more, is needed here")
        return number

    def whole(self, least: int = 0) -> int:
        """Return a whole number, ``least`` or more."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < least:
            self.fail(f"a whole number, {least} or more, is needed here")
        return self.value

    def truth(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            self.fail("true or false is needed here")
        return self.value

    def one_of(self, words: Collection[str]) -> str:
        """Return a text that must be one of some."""
        text = self.text()
        if text not in words:
            self.fail(f"{text!r} is not one of {', '.join(sorted(words))}{suggestion(text, words)}")
        return text


def suggestion(word: str, words: Collection[str]) -> str:
    """Return ``; did you mean …?`` when one of the words is near."""
    near = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


@functools.lru_cache(maxsize=32)
def read(data: bytes) -> Part:
    """Return the parts of a YAML file; the same bytes are read once.

    Raises
    ------
    PolicyError
        When it is not YAML in UTF-8, larger than 256 KiB, or says a key twice.
    """
    if len(data) > LARGEST:
        raise PolicyError("the file is larger than 256 KiB", 1, 1)
    try:
        text = data.decode("utf-8")
        _plain(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise PolicyError("the file is not text in UTF-8", 1, 1) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise PolicyError(f"this is not YAML: {error.problem}", *place) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise PolicyError("this is not YAML", 1, 1) from error
    if node is None:
        raise PolicyError("the file is empty", 1, 1)
    return _part(node, yaml.SafeLoader(text), 0)


def _plain(text: str) -> None:
    """Refuse what a file that people sign has no use for: anchors, aliases and tags."""
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.AnchorToken | yaml.AliasToken | yaml.TagToken):
            mark = token.start_mark
            raise PolicyError(
                "anchors, aliases and tags are not used here; write the value out",
                mark.line + 1,
                mark.column + 1,
            )


def _part(node: yaml.Node, loader: yaml.SafeLoader, depth: int) -> Part:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if depth > 8:
        raise PolicyError("this is nested too deeply", line, column)
    if isinstance(node, yaml.SequenceNode):
        return Part([_part(each, loader, depth + 1) for each in node.value], line, column)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, loader, depth)
    try:
        return Part(loader.construct_object(node), line, column)
    except (yaml.YAMLError, ValueError) as error:
        raise PolicyError("this value cannot be read", line, column) from error


def _mapping(node: yaml.MappingNode, loader: yaml.SafeLoader, depth: int) -> Part:
    held: dict[str, Part] = {}
    keys: dict[str, Part] = {}
    for key_node, value_node in node.value:
        key = _key(key_node, loader, depth + 1)
        if not isinstance(key.value, str):
            key.fail("a key must be a text")
        if key.value in held:
            key.fail(f"the key {key.value!r} stands here a second time")
        keys[key.value] = key
        held[key.value] = _part(value_node, loader, depth + 1)
    return Part(held, node.start_mark.line + 1, node.start_mark.column + 1, keys)


def _key(node: yaml.Node, loader: yaml.SafeLoader, depth: int) -> Part:
    """Return a key; YAML 1.1 takes ``on`` for true, and as a key it is a word."""
    key = _part(node, loader, depth)
    if isinstance(key.value, bool) and isinstance(node, yaml.ScalarNode):
        return Part(node.value, key.line, key.column)
    return key
