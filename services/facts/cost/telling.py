"""What the trail says of lines that were added."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from services.facts.cost.batch import Batch, Stored
from services.kernel.money import Money
from services.record.canonical import sha256_hex

_TEXT: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False).encode


def subject(batch: Batch) -> tuple[str, str]:
    """Return whom a batch is about: its one ticket or model, else the ledger."""
    for name, column in (("ticket", "ticket_id"), ("model", "model")):
        held = set(batch[column])
        if len(held) == 1 and (one := min(held)):
            return name, one
    return "ledger", "default"


def words(batch: Batch) -> dict[str, Any]:
    """Return what the trail says of a batch: how many, how much, and the digest of its rows."""
    sums: dict[str, int] = defaultdict(int)
    for currency, micros in zip(batch["currency"], batch["micros"], strict=True):
        if currency is not None:
            sums[currency] += micros
    return {
        "rows": len(batch),
        "unpriced": sum(each is None for each in batch["micros"]),
        "amounts": {name: Money(name, micros).decimal for name, micros in sorted(sums.items())},
        "sha256": sha256_hex("\n".join(_rows(batch)).encode()),
    }


def _rows(batch: Batch) -> Iterator[str]:
    """Yield each line as its digest takes it: a JSON list of texts."""
    columns = [list(map(write, batch[name])) for name, write in _SAID.items()]
    more = {place: _more(line) for place, line in enumerate(batch.rows())} if _any(batch) else {}
    for place, told in enumerate(zip(*columns, strict=True)):
        yield f"[{', '.join((*told, *more.get(place, ())))}]"


def _any(batch: Batch) -> bool:
    """Tell whether any line says what only some lines say."""
    named = ("experiment", "requests", "kg_micros", "method", "kwh_source", "grid_id")
    return any(set(batch[name]) - {"", None} for name in named)


def _more(line: Stored) -> tuple[str, ...]:
    """Return what only some lines say; but for the experiment each with its name."""
    told = [line.experiment] if line.experiment else []
    kg = "" if line.kg_micros is None else line.kg_micros
    said = {
        "method": line.method, "requests": "" if line.requests is None else line.requests,
        "kwh_source": line.kwh_source, "kg": kg, "grid_id": line.grid_id,
    }  # fmt: skip
    told += [f"{name}={value}" for name, value in said.items() if value != ""]
    return tuple(map(_TEXT, told))


@lru_cache(maxsize=8192)
def _instant(at: datetime) -> str:
    return _TEXT(at.astimezone(UTC).isoformat())


def _whole(number: int | None) -> str:
    return "null" if number is None else f'"{number}"'


def _number(number: int | None) -> str:
    return "null" if number is None else str(number)


def _yes(told: bool) -> str:  # noqa: FBT001 - one of two
    return "true" if told else "false"


_text = lru_cache(maxsize=8192)(_TEXT)
_SAID: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "source_id": _TEXT,
        "kind": _text,
        "sku": _text,
        "unit": _text,
        "quantity_micros": _whole,
        "micros": _whole,
        "currency": _text,
        "model": _text,
        "version": _number,
        "run_id": _text,
        "team": _text,
        "ticket_id": _text,
        "environment": _text,
        "starts_at": _instant,
        "ends_at": _instant,
        "price_id": _text,
        "estimated": _yes,
        "corrects": _text,
        "kwh_micros": _whole,
    }
)
"""What every line says, in this order, and how it is written."""
