"""Reading the part of a recipe that says where its rows come from."""

import re
from datetime import UTC, date, datetime, time

from services.facts.training_data.types import Source, Window, WindowKind
from services.standards.policy.reading import Part

KEYS = (
    "uri", "plus", "query", "target", "snapshot", "window", "time", "id", "columns", "max_age_days",
    "checks",
)  # fmt: skip
CHECK = re.compile(r"complete:.+|between:[^:]+:-?[\d.eE+-]+:-?[\d.eE+-]+|rows:\d+")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_PASSWORD = re.compile(r"://[^/@\s]*:[^/@\s]+@")


def source(part: Part) -> Source:
    """Return where the rows come from."""
    held = part.members(KEYS, ("uri", "target"))
    found = Source(
        uri=_address(held["uri"]),
        target=held["target"].text(),
        plus=tuple(map(_address, held["plus"].items())) if "plus" in held else (),
        query=held["query"].text() if "query" in held else "",
        snapshot=_snapshot(held["snapshot"]) if "snapshot" in held else None,
        window=_window(held["window"]) if "window" in held else Window(),
        time=held["time"].text() if "time" in held else "",
        id=held["id"].text() if "id" in held else "",
        columns=held["columns"].texts() if "columns" in held else (),
        max_age_days=held["max_age_days"].whole(1) if "max_age_days" in held else None,
        checks=tuple(map(_check, held["checks"].items())) if "checks" in held else (),
    )
    _agreeing(found, part, held)
    return found


def _agreeing(found: Source, part: Part, held: dict[str, Part]) -> None:
    """Refuse what does not go together."""
    if any(uri.startswith("sql+") for uri in found.uris) != bool(found.query):
        part.fail("'query' goes with an address that begins with sql+, and only with one")
    by_time = found.window.kind is WindowKind.ROLLING or found.window.until or found.max_age_days
    if by_time and not found.time:
        part.fail("a rolling window, 'until' and 'max_age_days' need the key 'time'")
    if len({found.target, found.time, found.id} - {""}) < 1 + bool(found.time) + bool(found.id):
        held["target"].fail("target, time and id are three different columns")


def _address(part: Part) -> str:
    text = part.text()
    if _PASSWORD.search(text):
        part.fail(
            "a recipe is kept for ever: write no password; 'sql+env:NAME_URL' names a variable"
        )
    return text


def _snapshot(part: Part) -> str:
    if not _DIGEST.fullmatch(str(part.value)):
        part.fail("a SHA-256 is 64 hexadecimal digits")
    return part.text()


def _check(part: Part) -> str:
    if not CHECK.fullmatch(part.text()):
        part.fail("a check is 'complete:COLUMN', 'between:COLUMN:LO:HI' or 'rows:LEAST'")
    return part.text()


def _window(part: Part) -> Window:
    if part.value == WindowKind.ALL.value:
        return Window()
    held = part.members(("rolling_days", "sampled_rows", "seed", "until"))
    if {"rolling_days", "sampled_rows"} <= set(held):
        part.fail("a window is rolling or sampled, not both")
    kind = WindowKind.ALL
    if "rolling_days" in held:
        kind = WindowKind.ROLLING
    if "sampled_rows" in held:
        kind = WindowKind.SAMPLED
    elif "seed" in held:
        held["seed"].fail("a seed goes with 'sampled_rows'")
    return Window(
        kind,
        days=held["rolling_days"].whole(1) if "rolling_days" in held else None,
        rows=held["sampled_rows"].whole(1) if "sampled_rows" in held else None,
        seed=held["seed"].whole() if "seed" in held else 0,
        until=_instant(held["until"]) if "until" in held else None,
    )


def _instant(part: Part) -> datetime:
    value = part.value
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            part.fail("an instant is needed here, such as 2026-03-01T00:00:00Z")
    if not isinstance(value, datetime):
        part.fail("an instant is needed here, such as 2026-03-01T00:00:00Z")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
