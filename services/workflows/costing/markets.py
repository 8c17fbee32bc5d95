"""Where and on what terms something was bought that has no price: asked again, since lines do not say."""

from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from services.decisions.retraining import attempts
from services.facts.cost.hardware import Place, read
from services.facts.cost.serving import PREFIX
from services.facts.cost.types import Entry
from services.facts.registry.service import Registry
from services.kernel.error import NotFound
from services.standards.price.types import Market, Term


class Markets:
    """Tells of lines at which price they are to be priced."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def __call__(self, session: Session, entry: Entry) -> Market | None:
        """Return the market of a line; None for a run, of which only MLflow knows it.

        Notes
        -----
        The term is never guessed: what ran on spot and has no price there is not priced on demand.
        """
        form, _, rest = entry.source_id.partition(":")
        if form == "run":
            return None
        if form == "attempt":
            made = attempts.by_id(session, rest.partition(":")[0])
            return Market(term=Term.SPOT if made is not None and made.spot else Term.ON_DEMAND)
        if form in ("serving", "host"):
            return self._serving(session, entry)
        return Market()

    def _serving(self, session: Session, entry: Entry) -> Market:
        place = next(self._places(session, entry), Place())
        return Market(place.provider, place.region, Term(place.term))

    def _places(self, session: Session, entry: Entry) -> Iterator[Place]:
        """Yield what was said by the end of the day, then what is said now."""
        name, number = entry.bearer.model, entry.bearer.version
        asked: tuple[datetime | None, ...] = (entry.ends_at, None)
        for at in asked:
            try:
                tags = self._registry.model(session, name, at).tags
            except NotFound:
                continue
            versions = self._registry.versions(session, name, at)
            own = next((e.tags for e in versions if e.ref.version == number), {})
            if at is None or any(each.startswith(PREFIX) for each in (*tags, *own)):
                yield read({**tags, **own}, prefix=PREFIX).place
