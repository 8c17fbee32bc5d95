"""What OpenCost allocated, its API's JSON, as lines of the ledger.

References
----------
OpenCost API, ``/allocation``: sets of allocations by name, costs as numbers without a currency.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, cast

from services.facts.cost import cells, rules
from services.facts.cost.charge import Charge, Piece
from services.facts.cost.types import Bearer, CostKind, Entry, Use
from services.kernel.error import InvalidInput

LARGEST = 64 << 20
PLACE = ("cluster", "node", "namespace", "controllerKind", "controller", "pod", "container")
MODEL, TEAM, RUN = (
    ("countersign_model", "mlflow_model", "model"),
    ("countersign_team", "team"),
    ("countersign_run_id", "mlflow_run_id"),
)
KIND = "countersign_kind"
GIB = 2**30


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that an allocation is charged for.

    Attributes
    ----------
    costs
        Fields whose sum is its cost.
    quantity, per
        The field that says how much, and of what it is a multiple; no field is one charge.
    """

    sku: str
    unit: str
    costs: tuple[str, ...]
    quantity: str = ""
    per: int = 1
    kind: CostKind | None = None


PARTS = (
    Part("cpu", "cpu-hour", ("cpuCost", "cpuCostAdjustment"), "cpuCoreHours"),
    Part("memory", "gb-hour", ("ramCost", "ramCostAdjustment"), "ramByteHours", GIB),
    Part("gpu", "gpu-hour", ("gpuCost", "gpuCostAdjustment"), "gpuHours"),
    Part("volume", "gb-hour", ("pvCost", "pvCostAdjustment"), "pvByteHours", GIB, CostKind.STORAGE),
    Part("network", "charge", ("networkCost", "networkCostAdjustment")),
    Part("load-balancer", "charge", ("loadBalancerCost", "loadBalancerCostAdjustment")),
    Part("shared", "charge", ("sharedCost",)),
    Part("external", "charge", ("externalCost",)),
)  # fmt: skip


def pieces(name: str, file: BinaryIO, currency: str = "USD") -> Iterator[Piece]:
    """Yield the charges of an answer of OpenCost, a set of allocations at a time.

    Parameters
    ----------
    currency
        Which one OpenCost was set to reckon in; its answers do not say.

    Raises
    ------
    InvalidInput
        When it is no answer of ``/allocation``, or is larger than 64 MiB.
    """
    told_in = cells.currency(currency)
    seen: set[str] = set()
    for held in _sets(name, file.read(LARGEST + 1)):
        charges: list[Charge] = []
        refused: list[tuple[int, str]] = []
        for number, allocation in enumerate(held.values()):
            try:
                charges += _first(of(allocation, told_in), seen)
            except InvalidInput as error:
                refused.append((number, error.message))
        yield Piece.of(len(held), charges, refused)


def _first(charges: list[Charge], seen: set[str]) -> list[Charge]:
    sources = {each.entry.source_id for each in charges}
    if sources & seen:
        raise InvalidInput("This allocation stands in the answer before, with the same hours.")
    seen |= sources
    return charges


def _sets(name: str, data: bytes) -> list[Mapping[str, Any]]:
    if len(data) > LARGEST:
        raise InvalidInput(f"{name} is larger than 64 MiB; ask OpenCost for a shorter window.")
    try:
        told: Any = json.loads(data, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise InvalidInput(f"{name} is not JSON, so it is no answer of OpenCost.") from error
    held: Any = cast("Any", told).get("data") if isinstance(told, dict) else told
    sets: list[Any] = held if isinstance(held, list) else [held]
    if not all(isinstance(each, dict | None) for each in sets) or held is None:
        raise InvalidInput(
            f"{name} has no list 'data', so it is no answer of OpenCost's /allocation."
        )
    return [each for each in sets if each]


def of(allocation: Any, currency: str) -> list[Charge]:
    """Return what one allocation was charged for; what cost nothing and used nothing is left out.

    Raises
    ------
    InvalidInput
        Naming the field that cannot be used.

    Notes
    -----
    ``__idle__`` is what nobody used. OpenCost reckons by prices, so its lines are estimated.
    """
    if not isinstance(allocation, dict):
        raise InvalidInput("This allocation is no JSON object.")
    told = cast("dict[str, Any]", allocation)
    start, end = (cells.instant(each, cells.text(told.get(each))) for each in ("start", "end"))
    name = cells.text(told.get("name"))
    properties = _mapping(told.get("properties"))
    place = [cells.text(properties.get(each)) for each in PLACE]
    digest = hashlib.blake2b(
        "\x1f".join((name, *place, start.isoformat(), end.isoformat())).encode(), digest_size=16
    ).hexdigest()
    found: list[Charge] = []
    for part in PARTS:
        cost = sum((_number(told, field) for field in part.costs), Decimal(0))
        quantity = _quantity(told, part)
        if cost or (part.quantity and quantity):
            entry = Entry(
                source_id=f"opencost:{digest}:{part.sku}",
                kind=_kind(name, properties, part),
                use=Use(part.sku, part.unit, quantity),
                amount=cells.money(cost, currency),
                bearer=_bearer(properties),
                starts_at=start,
                ends_at=end,
            )
            found.append(Charge(rules.checked_one(entry), currency, cost, None))
    return found


def _quantity(told: Mapping[str, Any], part: Part) -> Decimal:
    held = _number(told, part.quantity) / part.per if part.quantity else Decimal(1)
    return Decimal(rules.micros(held)).scaleb(-6)


def _number(told: Mapping[str, Any], field: str) -> Decimal:
    value = told.get(field)
    if isinstance(value, bool) or not isinstance(value, Decimal | str | None):
        raise InvalidInput(f"{field} is no number.")
    return cells.decimal(field, value) or Decimal(0)


def _kind(name: str, properties: Mapping[str, Any], part: Part) -> CostKind:
    if name.endswith(("__idle__", "__unmounted__")):
        return CostKind.IDLE
    said = cells.text(_labels(properties).get(KIND))
    if said in {each.value for each in CostKind}:
        return CostKind(said)
    return part.kind or CostKind.OTHER


def _bearer(properties: Mapping[str, Any]) -> Bearer:
    labels = _labels(properties)
    model, team, run_id = (
        next((cells.text(labels[name]) for name in names if labels.get(name)), "")
        for names in (MODEL, TEAM, RUN)
    )
    cluster = cells.text(properties.get("cluster"))
    return Bearer(model=model, run_id=run_id[:60], team=team[:60], environment=cluster[:120])


def _labels(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return annotations and labels; a label is in force where both say something."""
    return {**_mapping(properties.get("annotations")), **_mapping(properties.get("labels"))}


def _mapping(value: Any) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
