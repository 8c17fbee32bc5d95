"""Publishing prices and finding the one that holds."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from importlib import resources
from typing import Any

from sqlmodel import Session

from services.kernel.error import Conflict, InvalidInput, NotFound
from services.kernel.identity import SYSTEM, Actor, new_id
from services.kernel.money import Money, Rate
from services.people.account.types import Principal
from services.record.canonical import digest
from services.record.trail.unit_of_work import Store, UnitOfWork
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.price import repository, rules
from services.standards.price.types import Exchange, Market, Price, PriceForm

SHOWN = 50
"""So many prices of one publication are written out in its event; all stand in its digest."""


class Prices:
    """The price catalogue: what holds when, by whose word."""

    def __init__(self, store: Store, authority: Authority) -> None:
        self._store, self._authority = store, authority

    def all(self, session: Session, known_at: datetime | None = None) -> list[Price]:
        """Return every price by sku and date, ended ones too, as known now or at an instant."""
        return repository.prices(session, known_at=known_at)

    def by_id(self, session: Session, price_id: str) -> Price:
        """Return one price.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        found = repository.by_id(session, price_id)
        if found is None:
            raise NotFound("There is no price with that id.")
        return found

    def price(
        self, session: Session, sku: str, at: datetime, market: Market | None = None
    ) -> Price | None:
        """Return what something costs at an instant; None is *unpriced* and never nothing."""
        return rules.choose(repository.prices(session, [sku]), sku, at, market or Market())

    def rates(
        self,
        session: Session,
        skus: Collection[str],
        at: datetime,
        currency: str,
        market: Market | None = None,
    ) -> dict[str, Rate | None]:
        """Return the rates of several things in one currency; None for each that has none."""
        known, exchanges = repository.prices(session, skus), repository.exchanges(session, at)
        chosen = {sku: rules.choose(known, sku, at, market or Market()) for sku in skus}
        return {
            sku: rules.rate(price, currency, exchanges) if price else None
            for sku, price in chosen.items()
        }

    def convert(self, session: Session, money: Money, currency: str, at: datetime) -> Money | None:
        """Return an amount in another currency by the rate of an instant; None without one."""
        return rules.convert(money, currency, repository.exchanges(session, at))

    def exchanges(self, session: Session) -> list[Exchange]:
        """Return every rate between currencies, of each pair the newest first."""
        return repository.all_exchanges(session)

    def may_publish(self, principal: Principal) -> bool:
        """Tell whether a person may publish and end prices and rates."""
        return self._authority.permits(principal, Action.PRICE_PUBLISH)

    def publish(self, principal: Principal, forms: Sequence[PriceForm]) -> list[Price]:
        """Publish prices, all or none; event ``price:published``.

        Raises
        ------
        NotPermitted
            When this person is no operator.
        InvalidInput
            When one cannot be used, or another price holds at the same time.
        """
        self._authority.require(principal, Action.PRICE_PUBLISH)
        return self.publish_as(principal.actor, forms)

    def publish_as(self, actor: Actor, forms: Sequence[PriceForm]) -> list[Price]:
        """Publish prices for an actor whose right was asked about already.

        Notes
        -----
        A sample gives way: it ends where a price that is none begins.
        """
        ready = [rules.checked(each) for each in forms]
        if not ready:
            raise InvalidInput("There is no price in the list.")
        for index, form in enumerate(ready):
            rules.refuse_overlap(form, ready[:index])
        with self._store.unit(actor) as unit:
            known = repository.prices(unit.session, {each.sku for each in ready})
            yielding = [each for each in known if each.sample and _yields(each, ready)]
            for form in ready:
                rules.refuse_overlap(form, [each for each in known if each not in yielding])
            made = [_published(form, unit) for form in ready]
            seq = self._event(unit, made)
            for price in yielding:
                begins = min(f.starts_at for f in ready if rules.overlaps(f, price))
                self._end(unit, price, max(begins, price.starts_at), seq)
            for price in made:
                repository.write(unit, price, seq)
        return made

    def end(self, principal: Principal, price_id: str, at: datetime) -> Price:
        """Say when a price ends; event ``price:ended``.

        Raises
        ------
        InvalidInput
            When it would end before it began.
        Conflict
            When it ended earlier already.
        """
        self._authority.require(principal, Action.PRICE_PUBLISH)
        return self.end_as(principal.actor, price_id, at)

    def end_as(self, actor: Actor, price_id: str, at: datetime) -> Price:
        """End a price for an actor whose right was asked about already."""
        with self._store.unit(actor) as unit:
            price = self.by_id(unit.session, price_id)
            if at.tzinfo is None or at < price.starts_at:
                raise InvalidInput(f"A price of {price.sku} cannot end before it began.")
            if price.ends_at is not None and price.ends_at <= at:
                raise Conflict(f"This price of {price.sku} ended earlier already.")
            seq = unit.event("price:ended", ("price", price.sku), price_id=price_id, ends_at=at)
            return self._end(unit, price, at, seq)

    def publish_exchange(self, principal: Principal, exchange: Exchange) -> Exchange:
        """Publish a rate between two currencies; event ``currency_rate:published``.

        Raises
        ------
        NotPermitted
            When this person is no operator.
        Conflict
            When another rate of the same instant is known.
        """
        self._authority.require(principal, Action.PRICE_PUBLISH)
        return self.publish_exchange_as(principal.actor, exchange)

    def publish_exchange_as(self, actor: Actor, exchange: Exchange) -> Exchange:
        """Publish a rate for an actor whose right was asked about already."""
        ready = rules.checked_exchange(exchange)
        with self._store.unit(actor) as unit:
            if repository.exchange_at(unit.session, ready) is not None:
                raise Conflict(f"A rate of {ready.base} in {ready.quote} is known of that instant.")
            seq = unit.event(
                "currency_rate:published", ("currency", f"{ready.base}/{ready.quote}"),
                **asdict(ready),
            )  # fmt: skip
            repository.add_exchange(unit, ready, seq)
        return ready

    def publish_sample(self) -> None:
        """Publish the sample where the catalogue is empty."""
        with self._store.reading() as session:
            if repository.prices(session):
                return
        self.publish_as(SYSTEM, rules.read_list(sample(), sample=True))

    def _event(self, unit: UnitOfWork, made: Sequence[Price]) -> int:
        words = [_words(each) for each in made]
        subject = made[0].sku if len(made) == 1 else f"{len(made)} prices"
        return unit.event(
            "price:published",
            ("price", subject),
            count=len(made),
            sha256=digest(words),
            prices=words[:SHOWN],
        )

    def _end(self, unit: UnitOfWork, price: Price, at: datetime, seq: int) -> Price:
        ended = replace(price, ends_at=at)
        repository.write(unit, ended, seq)
        return ended


def sample() -> bytes:
    """Return the sample list: prices to try the console out with."""
    return (resources.files("services.standards.price") / "shipped" / "sample.csv").read_bytes()


def _yields(price: Price, forms: Sequence[PriceForm]) -> bool:
    return any(not form.sample and rules.overlaps(form, price) for form in forms)


def _published(form: PriceForm, unit: UnitOfWork) -> Price:
    return Price(
        new_id(), form.sku, form.unit, form.market, form.amount, form.starts_at, form.ends_at,
        form.source, form.sample, unit.actor.id, unit.now,
    )  # fmt: skip


def _words(price: Price) -> dict[str, Any]:
    return {
        "price_id": price.price_id,
        "sku": price.sku,
        "unit": price.unit,
        "market": asdict(price.market),
        "amount": price.amount.decimal,
        "currency": price.amount.currency,
        "starts_at": price.starts_at,
        "ends_at": price.ends_at,
        "source": price.source,
        "sample": price.sample,
    }
