"""Formulas over the prediction log: a closed grammar that people may write and no machine need fear.

Notes
-----
::

    formula    = product {("+" | "-") product}
    product    = term {("*" | "/") term}
    term       = number | call
    call       = "count" "(" [condition] ")"
               | "share" "(" condition ["where" condition] ")"
               | ("mean" | "sum" | "median" | "min" | "max") "(" column ["where" condition] ")"
    condition  = comparison {"and" comparison}
    comparison = column ("=" | "!=" | "<" | "<=" | ">" | ">=") (number | "text" | true | false)
    column     = a name of the log; one with other characters stands between backticks

``share(outcome = 1 where decision = "approve")``, ``sum(f_amount) / count()``. Columns that name
callers or people, even by their digest, cannot be asked.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from services.kernel.error import InvalidInput

LONGEST = 500
MEANS = ("mean", "sum", "median", "min", "max")
COLUMNS = frozenset(
    {
        "arm", "decided_by", "decision", "environment", "error_type", "latency_ms", "outcome",
        "overridden", "prediction", "score", "status", "threshold", "version",
    }
)  # fmt: skip
_PARTS = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|`(?P<quoted>[^`]+)`"""
    r"""|"(?P<text>[^"]*)"|(?P<sign><=|>=|!=|[-+*/()=<>]))"""
)
_SIGNS = ("=", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column held against a value; a text is only equal or not."""

    column: str
    sign: str
    value: float | str


Condition = tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """One figure over some of the rows.

    Attributes
    ----------
    column
        Whose values; empty for ``count`` and ``share``.
    counted
        What a share counts, or a count.
    where
        Which rows are looked at.
    """

    name: str
    column: str = ""
    counted: Condition = ()
    where: Condition = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """A sum of products.

    Attributes
    ----------
    products
        Of each the sign before it and its terms, of each of which the sign before it.
    """

    products: tuple[tuple[str, tuple[tuple[str, Call | float], ...]], ...]

    @property
    def calls(self) -> tuple[Call, ...]:
        """Return the figures it is made of, in order."""
        terms = (term for _, product in self.products for _, term in product)
        return tuple(each for each in terms if isinstance(each, Call))


def parse(text: str) -> Formula:
    """Return the formula that a text says.

    Raises
    ------
    InvalidInput
        Naming the place where it is none, or a column that cannot be asked.
    """
    if len(text) > LONGEST:
        raise InvalidInput(f"A formula has {LONGEST} characters at most.")
    reader = _Reader(text)
    products = [("+", _product(reader))]
    while reader.sees("+", "-"):
        products.append((reader.take().text, _product(reader)))
    if reader.next is not None:
        reader.fail("the formula should end here")
    formula = Formula(tuple(products))
    if not formula.calls:
        raise InvalidInput("A formula asks the log for something: count(), share(…), mean(…).")
    return formula


class _Part(NamedTuple):
    kind: str
    text: str
    place: int


class _Reader:
    """Gives the parts of a text one after the other."""

    def __init__(self, text: str) -> None:
        self._parts: list[_Part] = []
        self._length, place = len(text), 0
        while text[place:].strip():
            found = _PARTS.match(text, place)
            if found is None or found.lastgroup is None:
                wrong = self._length - len(text[place:].lstrip())
                raise InvalidInput(f"At character {wrong + 1} of the formula: nothing fits.")
            kind = found.lastgroup
            self._parts.append(_Part(kind, found[kind], found.start(kind)))
            place = found.end()

    @property
    def next(self) -> _Part | None:
        """Return the part that comes next; None at the end."""
        return self._parts[0] if self._parts else None

    def sees(self, *texts: str) -> bool:
        """Tell whether a sign or a word comes next."""
        part = self.next
        return part is not None and part.kind in ("sign", "name") and part.text in texts

    def take(self, what: str = "sign", *kinds: str) -> _Part:
        """Return the next part, which is of one of some kinds, and go on."""
        part = self.next
        if part is None or (kinds and part.kind not in kinds):
            self.fail(f"a {what} is missing")
        return self._parts.pop(0)

    def expect(self, text: str) -> None:
        """Go on over a sign or a word."""
        if not self.sees(text):
            self.fail(f"{text!r} is missing")
        self.take()

    def fail(self, words: str) -> None:
        """Refuse what comes next."""
        place = self.next.place if self.next else self._length
        raise InvalidInput(f"At character {place + 1} of the formula: {words}.")


def _product(reader: _Reader) -> tuple[tuple[str, Call | float], ...]:
    terms = [("*", _term(reader))]
    while reader.sees("*", "/"):
        terms.append((reader.take().text, _term(reader)))
    return tuple(terms)


def _term(reader: _Reader) -> Call | float:
    part = reader.take("figure", "number", "name")
    if part.kind == "number":
        return float(part.text)
    name = part.text
    if name not in ("count", "share", *MEANS):
        raise InvalidInput(f"{name!r} is no figure; use count, share, {', '.join(MEANS)}.")
    reader.expect("(")
    column = _column(reader) if name in MEANS else ""
    counted: Condition = ()
    if name == "share" or (name == "count" and not reader.sees(")")):
        counted = _condition(reader)
    where: Condition = ()
    if name != "count" and reader.sees("where"):
        reader.take()
        where = _condition(reader)
    reader.expect(")")
    return Call(name, column, counted, where)


def _condition(reader: _Reader) -> Condition:
    found = [_comparison(reader)]
    while reader.sees("and"):
        reader.take()
        found.append(_comparison(reader))
    return tuple(found)


def _comparison(reader: _Reader) -> Comparison:
    column = _column(reader)
    if not reader.sees(*_SIGNS):
        reader.fail("a comparison is missing")
    sign = reader.take().text
    negative = reader.sees("-")
    if negative:
        reader.take()
    kinds = ("number",) if negative else ("number", "text", "name")
    part = reader.take("value", *kinds)
    if part.kind == "number":
        return Comparison(column, sign, -float(part.text) if negative else float(part.text))
    if part.kind == "name":
        if part.text not in ("true", "false"):
            raise InvalidInput(f'Write the text {part.text!r} as "{part.text}".')
        return Comparison(column, sign, float(part.text == "true"))
    if sign not in ("=", "!="):
        raise InvalidInput(f"The text {part.text!r} is equal or not; {sign} is for numbers.")
    return Comparison(column, sign, part.text)


def _column(reader: _Reader) -> str:
    name = reader.take("column", "name", "quoted").text
    if name in COLUMNS or (name.startswith(("f_", "s_")) and len(name) > 2):
        return name
    known = ", ".join(sorted(COLUMNS))
    raise InvalidInput(f"The column {name!r} cannot be asked; there are f_…, s_…, {known}.")
