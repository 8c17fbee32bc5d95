"""A reader of OpenMetrics text, strict enough that what it takes a scraper takes."""

import re

LINE = re.compile(r"(?P<name>[a-z_][a-z0-9_]*)(?:\{(?P<labels>.*)\})? (?P<value>\S+)", re.DOTALL)
LABEL = re.compile(r'(?P<name>[a-z_][a-z0-9_]*)="(?P<value>(?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
SPELLED = {r"\n": "\n", r"\"": '"', r"\\": "\\"}
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parse(text: str) -> Samples:
    """Return the value of each name and labels.

    Raises
    ------
    ValueError
        For a line that is no sample of the gauge announced before it, or one that stands twice.
    """
    if not text.endswith("# EOF\n"):
        raise ValueError("the text does not end with EOF")
    found: Samples = {}
    announced = ""
    for line in text.removesuffix("# EOF\n").split("\n")[:-1]:
        if line.startswith("# TYPE "):
            announced = line.split(" ")[2]
        if line.startswith("# "):
            continue
        sample = LINE.fullmatch(line)
        if sample is None or sample["name"] != announced:
            raise ValueError(f"no line of {announced}: {line}")
        key = (announced, frozenset(labels(sample["labels"] or "").items()))
        if key in found:
            raise ValueError(f"a line that stands twice: {line}")
        try:
            found[key] = float(sample["value"])
        except ValueError as error:
            raise ValueError(f"no number in the line {line}") from error
    return found


def labels(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    place = 0
    while place < len(text):
        label = LABEL.match(text, place)
        if label is None:
            raise ValueError(f"no labels in the line: {text}")
        found[label["name"]] = re.sub(r"\\.", lambda each: SPELLED[each.group()], label["value"])
        place = label.end()
    return found
