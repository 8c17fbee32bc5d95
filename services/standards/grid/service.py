"""Publishing what grids emit and finding the factor that holds."""

from collections.abc import Sequence
from datetime import datetime
from importlib import resources

from sqlmodel import Session

from services.kernel.emission import GridRate
from services.kernel.error import Conflict, InvalidInput
from services.kernel.identity import SYSTEM, Actor, new_id
from services.people.account.types import Principal
from services.record.trail.unit_of_work import Store
from services.standards.authority.rules import Authority
from services.standards.authority.types import Action
from services.standards.grid import repository, rules
from services.standards.grid.types import GridFactor, GridForm


class Grids:
    """What a kilowatt-hour emits where and when, by whose word."""

    def __init__(self, store: Store, authority: Authority) -> None:
        self._store, self._authority = store, authority

    def all(self, session: Session) -> list[GridFactor]:
        """Return every factor by region and date."""
        return repository.factors(session)

    def rate(self, session: Session, region: str, at: datetime) -> GridRate | None:
        """Return what a kilowatt-hour emits in a region, else in the world; None where nobody knows."""
        found = rules.choose(repository.factors(session), region, at)
        return found.rate if found else None

    def publish(self, principal: Principal, forms: Sequence[GridForm]) -> list[GridFactor]:
        """Publish factors, all or none; event ``grid_factor:published``.

        Raises
        ------
        NotPermitted
            When this person is no operator.
        InvalidInput
            When one cannot be used.
        Conflict
            When another one of the same region and date is known that is no sample.
        """
        self._authority.require(principal, Action.PRICE_PUBLISH)
        return self.publish_as(principal.actor, forms)

    def publish_as(self, actor: Actor, forms: Sequence[GridForm]) -> list[GridFactor]:
        """Publish factors for an actor whose right was asked about already."""
        ready = [rules.checked(each) for each in forms]
        if not ready or len({(f.region, f.starts_at) for f in ready}) < len(ready):
            raise InvalidInput("Give at least one factor, and one for each region and date.")
        with self._store.unit(actor) as unit:
            known = {(f.region, f.starts_at, f.sample) for f in repository.factors(unit.session)}
            made: list[GridFactor] = []
            for form in ready:
                if (form.region, form.starts_at, form.sample) in known:
                    raise Conflict(f"A factor of {form.region} is known of that date.")
                made.append(
                    GridFactor(
                        new_id(), form.region, form.kg_per_kwh, form.starts_at, form.source,
                        form.sample, unit.actor.id, unit.now,
                    )
                )  # fmt: skip
            seq = unit.event(
                "grid_factor:published",
                ("grid", made[0].region if len(made) == 1 else f"{len(made)} factors"),
                factors=[[f.region, str(f.kg_per_kwh), f.starts_at, f.source] for f in made[:50]],
                count=len(made),
            )
            for factor in made:
                repository.add(unit, factor, seq)
        return made

    def publish_sample(self) -> None:
        """Publish the sample where nothing is known."""
        with self._store.reading() as session:
            if repository.factors(session):
                return
        self.publish_as(SYSTEM, rules.read_list(sample(), sample=True))


def sample() -> bytes:
    """Return the sample list: factors to try the console out with."""
    return (resources.files("services.standards.grid") / "shipped" / "sample.csv").read_bytes()
