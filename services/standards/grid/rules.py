"""Which factor holds, and which can be published."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from services.kernel.error import InvalidInput
from services.kernel.text import one_line
from services.standards.grid.types import WORLD, GridFactor, GridForm

COLUMNS = ("region", "kg_per_kwh", "from", "source")
MOST = Decimal(5)
"""No grid emits more: coal alone is about 1 kg."""


def checked(form: GridForm) -> GridForm:
    """Return a factor as it may be published.

    Raises
    ------
    InvalidInput
        When it is negative or too large to be true, has no time zone, or does not say where it is from.
    """
    region = one_line(form.region, limit=60, what="The region")
    region = region.lower() if ":" in region else region.upper()
    if not form.kg_per_kwh.is_finite() or not 0 <= form.kg_per_kwh <= MOST:
        raise InvalidInput(f"The factor of {region} must be 0 to {MOST} kg CO2e for a kWh; is it in grams?")  # fmt: skip
    if form.starts_at.tzinfo is None:
        raise InvalidInput(f"The date of {region} needs a time zone, as 2026-01-01T00:00:00Z.")
    source = one_line(form.source, limit=300, what=f"The source of the factor of {region}")
    return replace(form, region=region, source=source)


def choose(factors: Sequence[GridFactor], region: str, at: datetime) -> GridFactor | None:
    """Return the factor of a region at an instant, else the world's; None where neither is known.

    Notes
    -----
    Of two of one region the later one holds; one that is no sample goes before a sample.
    """
    asked = region.strip()
    for place in (asked.lower() if ":" in asked else asked.upper(), WORLD):
        held = [each for each in factors if each.region == place and each.starts_at <= at]
        if held:
            return max(held, key=lambda each: (not each.sample, each.starts_at))
    return None


def read_list(data: bytes, *, sample: bool = False) -> list[GridForm]:
    """Read a list of factors: CSV in UTF-8 with the columns :data:`COLUMNS`.

    Raises
    ------
    InvalidInput
        Naming the line and the part that cannot be used.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("The list of factors is not CSV in UTF-8.") from error
    if not rows or any(name not in rows[0] for name in COLUMNS):
        raise InvalidInput(f"A list of factors has the columns {', '.join(COLUMNS)}.")
    return [_row(row, line, sample=sample) for line, row in enumerate(rows, start=2)]


def _row(row: dict[str, str | None], line: int, *, sample: bool) -> GridForm:
    held = {name: (row.get(name) or "").strip() for name in COLUMNS}
    try:
        at = datetime.fromisoformat(held["from"])
        form = GridForm(
            held["region"], Decimal(held["kg_per_kwh"]),
            at if at.tzinfo else at.replace(tzinfo=UTC), held["source"], sample,
        )  # fmt: skip
        return checked(form)
    except (ValueError, InvalidOperation) as error:
        raise InvalidInput(f"Line {line}: a factor is a number and its date as 2026-01-01.") from error  # fmt: skip
    except InvalidInput as error:
        raise InvalidInput(f"Line {line}: {error.message}") from error
