"""What serves a model and what that costs, beside paying by request; as proposals where it would save."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from sqlmodel import Session

from services.facts.cost.hardware import Hardware, read
from services.facts.cost.rules import gpu_sku
from services.facts.cost.service import Ledger
from services.facts.cost.serving import PREFIX, held_for
from services.facts.cost.unit_cost import MONTH_DAYS, monthly
from services.facts.registry.service import Registry
from services.facts.service_level import capacity
from services.facts.service_level.service import ServingUses
from services.facts.service_level.types import ServingUse
from services.judgement.saving import hosting
from services.judgement.saving.hosting import HOSTING, Compared, Load, Offer
from services.judgement.saving.types import Piece, Proposal
from services.kernel.error import NotFound
from services.kernel.money import Money
from services.standards.price.service import Prices
from services.standards.price.types import Market, Price, Term
from services.workflows.costing.asking import DAYS, serving_spent
from services.workflows.costing.saving import currency_of
from services.workflows.costing.serving import concurrency

BY_REQUEST, BY_TIME = "serverless", "serverless:"
MEMORY = f"{BY_TIME}memory"
THOUSAND = "1000-requests"
NOBODY = (
    "what serves it: tag the model with countersign.serving.cpus and .memory_gb, or .instance_type"
)
HOW_MUCH = "how much memory it takes: tag the model with countersign.serving.memory_gb"


@dataclass(frozen=True)
class Rooms:
    """What comparing works with."""

    registry: Registry
    uses: ServingUses
    ledger: Ledger
    prices: Prices


@dataclass(frozen=True, slots=True)
class Hosted:
    """What is asked of a model and what that costs either way.

    Attributes
    ----------
    held
        Hosts that are declared.
    evidence
        Every number that it rests on, and where it was read.
    sample
        Whether prices of the sample are in it.
    """

    model: str
    held: int
    load: Load
    compared: Compared
    evidence: tuple[Piece, ...]
    sample: bool


def hosted(rooms: Rooms, session: Session, uses: Sequence[ServingUse], now: datetime) -> Hosted:
    """Return what serving a model costs on hosts of its own and by request.

    Parameters
    ----------
    uses
        Of all versions of one model that serve.
    """
    model, tags = uses[0].model, _tags(rooms.registry, session, uses)
    hardware, load = read(tags, prefix=PREFIX), _load(uses, int(concurrency(tags)))
    prices = _Offered(session, rooms.prices, hardware, now)
    evidence = (*_asked(uses, load), *prices.evidence)
    compared = hosting.compare(load, prices.offer)
    sample = any(each.sample for each in prices.used.values())
    return Hosted(model, int(hardware.count), load, compared, evidence, sample)


def proposals(rooms: Rooms, session: Session, now: datetime) -> list[Proposal]:
    """Return what fewer hosts, or none, would save of the models that serve."""
    found: list[Proposal] = []
    by_model: dict[str, list[ServingUse]] = {}
    for each in rooms.uses.find(session):
        if (now.astimezone(UTC).date() - each.until).days <= DAYS:
            by_model.setdefault(each.model, []).append(each)
    for model, uses in by_model.items():
        paid = serving_spent(session, rooms.ledger, rooms.prices, model, uses, HOSTING)
        if not paid.measured or paid.amount is None:
            continue
        month = monthly(paid.amount, max(each.days for each in uses))
        told = hosted(rooms, session, uses, now)
        made = (
            hosting.fewer(model, told.load, told.held, paid, month),
            hosting.by_request(model, told.compared, paid, month, told.evidence),
        )
        found += [each for each in made if each is not None]
    return found


def answered_at_once(registry: Registry, session: Session, uses: Sequence[ServingUse]) -> int:
    """Return how many requests one host answers beside each other; 1 where nobody says."""
    return int(concurrency(_tags(registry, session, uses)))


class _Offered:
    """The prices of both ways, and which of them are missing."""

    def __init__(self, session: Session, prices: Prices, hardware: Hardware, now: datetime) -> None:
        self._hardware = hardware
        place = hardware.place
        market = Market(place.provider, place.region, Term(place.term))
        one = held_for(replace(hardware, count=Decimal(1)), Decimal(1)) if hardware.is_said else ()
        self._host = {each.sku: (each.quantity, each.unit) for each in one if each.quantity}
        self._parts = dict(_answering(hardware))
        wanted = [*self._host, *self._parts, BY_REQUEST]
        dear = replace(market, term=Term.ON_DEMAND)
        at = lambda sku: prices.price(session, sku, now, market if sku in self._host else dear)  # noqa: E731
        self.used: Mapping[str, Price] = {s: found for s in wanted if (found := at(s))}
        self._currency = currency_of(session, prices, list(self._host) or wanted, now)
        self._each = {
            sku: prices.convert(session, price.amount, self._currency, now)
            for sku, price in self.used.items()
        }

    @property
    def offer(self) -> Offer:
        """Return what either way costs, and what is missing."""
        host, without = self._sum(self._host)
        there = {sku: part for sku, part in self._parts.items() if sku in self.used}
        answering, strange = self._sum(there)
        gpus = [sku for sku in self._parts if sku.startswith(f"{BY_TIME}gpu") and sku not in there]
        missing = [*strange, *gpus] if there or gpus else [MEMORY]
        unknown = [] if self._hardware.is_said else [NOBODY]
        unknown += [f"a price of {sku} a {self._host[sku][1]}" for sku in without]
        unknown += [f"a price of {sku} a {self._parts[sku][1]}" for sku in missing]
        if MEMORY in there and not there[MEMORY][0] and self._hardware.is_said:
            unknown.append(HOW_MUCH)
        thousand = self._each.get(BY_REQUEST) if self._fits(BY_REQUEST, THOUSAND) else None
        return Offer(host, thousand, answering, tuple(unknown))

    @property
    def evidence(self) -> tuple[Piece, ...]:
        """Return the prices, each with its source."""
        return tuple(
            Piece(f"price of {sku}", f"{_said(each.amount)} {_per(each.unit)}", each.source)
            for sku, each in self.used.items()
        )

    def _fits(self, sku: str, unit: str) -> bool:
        return sku in self.used and self.used[sku].unit == unit

    def _sum(self, parts: Mapping[str, tuple[Decimal, str]]) -> tuple[Money | None, list[str]]:
        """Return what parts cost for an hour, and those without a price of their unit and currency."""
        total, missing = Money.none(self._currency), list[str]()
        for sku, (quantity, unit) in parts.items():
            each = self._each.get(sku) if self._fits(sku, unit) else None
            if each is None:
                missing.append(sku)
            else:
                total += each.times(quantity)
        return (total if parts and not missing else None), missing


def _said(amount: Money) -> str:
    return f"{amount.decimal} {amount.currency}"


def _per(unit: str) -> str:
    return "for 1,000 requests" if unit == THOUSAND else f"a {unit}"


def _answering(hardware: Hardware) -> Iterator[tuple[str, tuple[Decimal, str]]]:
    """Yield what one request may be charged for while it is answered: the parts of a whole host."""
    parts = hardware.parts
    yield MEMORY, (Decimal(str(parts.memory_gb)), "gb-hour")
    if parts.cpus:
        yield f"{BY_TIME}cpu", (Decimal(str(parts.cpus)), "cpu-hour")
    if parts.gpus:
        yield f"{BY_TIME}{gpu_sku(parts.gpu_type)}", (Decimal(parts.gpus), "gpu-hour")


def _tags(registry: Registry, session: Session, uses: Sequence[ServingUse]) -> Mapping[str, str]:
    """Return the tags of a model, and over them those of the version that is asked most."""
    main = max(uses, key=lambda each: each.requests)
    try:
        tags = registry.model(session, main.model).tags
        return {**tags, **registry.version(session, main.model, main.version).tags}
    except NotFound:
        return {}


def _load(uses: Sequence[ServingUse], at_once: int) -> Load:
    hours: dict[int, int] = {}
    for each in uses:
        for hour, count in each.hours.items():
            hours[hour] = hours.get(hour, 0) + count
    days = max(each.days for each in uses)
    seen = capacity.curve(hours, 24 * days)
    asked = sum(each.requests for each in uses)
    timed = [each for each in uses if each.seconds is not None]
    took = sum((each.seconds or 0.0) * each.requests for each in timed)
    answered = sum(each.requests for each in timed)
    return Load(
        round(asked * MONTH_DAYS / days),
        seen.p95 if seen else 0.0,
        seen.peak if seen else 0.0,
        took / answered if answered else None,
        at_once,
    )


def _asked(uses: Sequence[ServingUse], load: Load) -> tuple[Piece, ...]:
    log = f"prediction log, {min(e.since for e in uses)} to {max(e.until for e in uses)}"
    took = "unknown" if load.seconds is None else f"{1000 * load.seconds:,.1f} ms"
    return (
        Piece("requests a month", f"{load.requests:,}", log),
        Piece("requests in the busiest hour", f"{load.peak:,.0f}", log),
        Piece("an answer takes", took, f"{log}, mean"),
        Piece("answered at once by a host", str(load.at_once), "countersign.serving.concurrency, else 1"),
        Piece("busy at most", "70 % of the time", "above it waiting grows fast"),
    )  # fmt: skip
