"""What serving cost: how long requests took, or how long servers were there.

Notes
-----
Without servers that say how busy they are, a day costs the seconds its requests took, times what the
declared hardware costs, over how many it answers at once: an estimate that knows no waiting. Where servers
report, they are paid for while they are there, in use or idle, and that takes the estimate's place.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from services.facts.cost import energy
from services.facts.cost.hardware import Hardware
from services.facts.cost.rules import HOUR, priced, uses, whole
from services.facts.cost.running import Prices
from services.facts.cost.types import Bearer, CostKind, Entry, Method, Use
from services.kernel.emission import GridRate

PREFIX = "countersign.serving."
SOURCES = ("serving:", "host:")
GAP = timedelta(minutes=15)
"""A server that says nothing for longer is not known to have been there."""
LONGEST_NAME = 90


@dataclass(frozen=True, slots=True)
class Served:
    """What one version answered on one day.

    Attributes
    ----------
    requests
        Predictions, failed ones too.
    seconds
        How long they took together; None where no latency is known.
    """

    version: int | None
    requests: int
    seconds: Decimal | None


@dataclass(frozen=True, slots=True)
class Hosts:
    """How long the servers of a model were there on one day.

    Attributes
    ----------
    hours
        Of one server, as far as it reported.
    busy
        Mean share of its processors in use, in [0, 1].
    """

    hours: Decimal
    busy: Decimal


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a model's serving, as it is charged.

    Attributes
    ----------
    hosts
        None where no server reported.
    concurrency
        How many requests the declared hardware answers at once, above 0.
    """

    model: str
    day: date
    team: str
    served: tuple[Served, ...]
    hosts: Hosts | None = None
    concurrency: Decimal = Decimal(1)

    @property
    def starts_at(self) -> datetime:
        """Return its midnight in UTC."""
        return datetime.combine(self.day, time.min, UTC)

    def source(self, form: str, version: object, sku: str) -> str:
        """Return the source of one of its lines."""
        name = self.model
        if len(name) > LONGEST_NAME:
            name = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
        return f"{form}:{name}:{version}:{self.day}:{sku}"


def reported(values: Sequence[tuple[datetime, float]]) -> Hosts | None:
    """Return how long a server was there, by what it reported of its processors; None for no stretch.

    Parameters
    ----------
    values
        When it reported, and the share of its processors in use, in [0, 1]; oldest first.

    Notes
    -----
    The time between two reports counts where it is a quarter of an hour or less, with the share of the
    later one.
    """
    total, used = Decimal(0), Decimal(0)
    for (before, _), (at, share) in pairwise(values):
        if timedelta(0) < at - before <= GAP:
            seconds = Decimal((at - before) // timedelta(milliseconds=1)) / 1000
            total += seconds
            used += seconds * Decimal(str(min(1.0, max(0.0, share))))
    return Hosts(total / HOUR, used / total) if total else None


def charge(day: Day, held: Mapping[int | None, Hardware], prices: Prices) -> dict[int | None, tuple[Entry, ...]]:  # fmt: skip
    """Return the lines of a day by version, before their energy; idle time is of no version.

    Parameters
    ----------
    held
        What each version is said to be served by; under None, what the model is.
    """
    if day.hosts is None:
        return {
            each.version: _estimated(day, each, held[each.version], prices) for each in day.served
        }
    found = {
        each.version: _lines(
            day, each, held[each.version], day.hosts.hours * day.hosts.busy * share, prices,
            ("host", CostKind.SERVING),
        )
        for each, share in zip(day.served, _shares(day.served), strict=True)
    }  # fmt: skip
    free = 1 - day.hosts.busy if found else Decimal(1)
    idle = _lines(
        day,
        Served(None, 0, None),
        held[None],
        day.hosts.hours * free,
        prices,
        ("host", CostKind.IDLE),
    )
    return {**found, None: (*found.get(None, ()), *idle)}


def _estimated(day: Day, served: Served, hardware: Hardware, prices: Prices) -> tuple[Entry, ...]:
    hours = (served.seconds or Decimal(0)) / HOUR / day.concurrency
    single = replace(hardware, count=Decimal(1))
    lines = _lines(day, served, single, hours, prices, ("serving", CostKind.SERVING))
    if served.seconds is None:
        return tuple(replace(each, amount=None, price_id="") for each in lines)
    return lines


def _lines(
    day: Day, served: Served, hardware: Hardware, hours: Decimal, prices: Prices,
    what: tuple[str, CostKind],
) -> tuple[Entry, ...]:  # fmt: skip
    form, kind = what
    named = "idle" if kind is CostKind.IDLE else served.version
    place = hardware.place
    lines: list[Entry] = []
    for use in held_for(hardware, hours):
        rate = prices(use.sku, place)
        amount = priced(use, rate)
        lines.append(
            Entry(
                source_id=day.source(form, named, use.sku),
                kind=kind,
                use=use,
                amount=amount,
                bearer=Bearer(
                    day.model, served.version, "", day.team, "",
                    "/".join(part for part in (place.provider, place.region) if part),
                ),
                starts_at=day.starts_at,
                ends_at=day.starts_at + timedelta(days=1),
                price_id=rate.price_id if rate is not None and amount is not None else "",
                estimated=form == "serving",
                requests=served.requests if not lines and kind is CostKind.SERVING else None,
                method=Method.REQUESTS if form == "serving" else Method.HOSTS,
            )
        )  # fmt: skip
    return tuple(lines)


def held_for(hardware: Hardware, hours: Decimal) -> tuple[Use, ...]:
    """Return what hardware comes to for some hours, by what has a price of its own."""
    if hardware.instance:
        return (Use(hardware.instance, "instance-hour", whole(hours * hardware.count)),)
    if not hardware.is_said:
        return (Use("undeclared", "request-hour", whole(hours)),)
    said = uses(hardware.parts, hours * hardware.count * HOUR)
    missing = {"cpu-hour": not hardware.parts.cpus, "gb-hour": not hardware.parts.memory_gb}
    return tuple(each for each in said if not missing.get(each.unit, False))


def _shares(served: Sequence[Served]) -> list[Decimal]:
    """Return which share of a day's work each version did: by time where all is known, else by number."""
    timed = [each.seconds for each in served if each.seconds is not None]
    weights = timed if len(timed) == len(served) and sum(timed) else [Decimal(e.requests) for e in served]  # fmt: skip
    total = sum(weights, Decimal(0))
    return [each / total if total else Decimal(0) for each in weights]


def with_energy(
    lines: Sequence[Entry], hardware: Hardware, grid: GridRate | None, busy: Decimal | None
) -> tuple[Entry, ...]:
    """Return lines of one version with their energy, where it can be told."""
    found = energy.estimated(lines, busy)
    hours = sum((e.use.quantity for e in lines if e.use.unit == "instance-hour"), Decimal(0))
    if hardware.watts is not None and hours:
        found = hardware.watts * hours / energy.KILO, energy.DECLARED
    elif hardware.instance and hardware.parts.cpus:
        kinds = uses(hardware.parts, hours * HOUR)
        found = energy.estimated([replace(lines[0], use=use) for use in kinds], busy)
    return energy.noted(lines, found, grid)
