"""What the tab Prices does: publish a price, a list of prices or a rate, and end a price."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.views.cost.quantity import per
from console.views.tickets import amount
from services.kernel.error import InvalidInput
from services.kernel.money import Money
from services.people.account.types import Principal
from services.standards.authority.types import Action
from services.standards.price import rules
from services.standards.price.types import Market, PriceForm
from services.workflows.costing.markets import Markets
from services.workflows.costing.repricing import Repricing

if TYPE_CHECKING:
    from services.bootstrap.services import Services

LARGEST = 1 << 20
PARTS = 4
"""So many parts are priced again while the person waits; all of them by the command line."""


@dataclass(frozen=True, slots=True)
class PriceTyped:
    """A filled form of a price."""

    sku: str
    unit: str
    amount: str
    currency: str
    provider: str
    region: str
    term: str
    since: str
    until: str
    source: str


@dataclass(frozen=True, slots=True)
class RateTyped:
    """A filled form of a rate between currencies."""

    base: str
    quote: str
    each: str
    since: str
    source: str


def publish(services: "Services", principal: Principal, typed: PriceTyped) -> str:
    """Publish a price; return the word of thanks."""
    if not typed.amount.strip():
        raise InvalidInput("Write what one unit costs, as 2.49; a missing price is not 0.")
    form = PriceForm(
        typed.sku, typed.unit, Market(typed.provider, typed.region, rules.term(typed.term)),
        Money.parse(typed.amount, typed.currency.strip().upper()), rules.instant(typed.since.strip()),
        rules.instant(typed.until.strip()) if typed.until.strip() else None, typed.source,
    )  # fmt: skip
    [made] = services.prices.publish(principal, [form])
    return f"{made.sku} costs {amount(made.amount)} {per(made.unit)}."


def publish_list(services: "Services", principal: Principal, data: bytes | None) -> str:
    """Publish a list, all or none; return the word of thanks."""
    if data is None:
        raise InvalidInput("Choose a file first.")
    if len(data) > LARGEST:
        raise InvalidInput("A list of prices has 1 MiB at most; cut it in two.")
    made = services.prices.publish(principal, rules.read_list(data))
    return f"{len(made):,} price{'' if len(made) == 1 else 's'} published."


def end(services: "Services", principal: Principal, price_id: str, at: str) -> str:
    """End a price; return the word of thanks."""
    ended = services.prices.end(principal, price_id, rules.instant(at.strip()))
    return f"The price of {ended.sku} ends on {at.strip()}; lines already written keep it."


def publish_rate(services: "Services", principal: Principal, typed: RateTyped) -> str:
    """Publish a rate; return the word of thanks."""
    rate = rules.read_exchange(typed.base, typed.quote, typed.each, typed.since.strip(), typed.source)  # fmt: skip
    made = services.prices.publish_exchange(principal, rate)
    return f"1 {made.base} is {made.each} {made.quote} from {made.starts_at:%Y-%m-%d} on."


def price_again(services: "Services", principal: Principal) -> str:
    """Price lines again that had no price; return the word of thanks."""
    services.authority.require(principal, Action.PRICE_PUBLISH)
    markets = Markets(services.registry)
    repricing = Repricing(services.store, services.ledger, services.prices, markets)
    found = repricing.run(principal.actor, parts=PARTS)
    left = sum(found.missing.values())
    said = f"{found.priced:,} line{'' if found.priced == 1 else 's'} priced by corrections"
    said = f"{said}; {left:,} still have no price." if left else f"{said}."
    told = f"{found.waiting:,} of runs {'is' if found.waiting == 1 else 'are'} priced by the worker, by their tags"
    return f"{said} {told}: look again in a minute." if found.waiting else said
