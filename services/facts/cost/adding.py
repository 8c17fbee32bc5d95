"""Lines into the ledger, with all that is kept beside them, in one transaction."""

from typing import Any

from sqlmodel import Session

from services.facts.cost import days, quantities, repository, restating, tally, telling
from services.facts.cost.batch import Batch
from services.facts.cost.types import Added, Entry
from services.kernel.error import NotFound
from services.record.trail.unit_of_work import UnitOfWork


def add(unit: UnitOfWork, batch: Batch, action: str) -> Added:
    """Add lines; what is there already is not added again. One event for the batch."""
    fresh, known = _parted(unit.session, batch)
    _store(unit, fresh, action)
    return Added(len(fresh), len(known))


def take(unit: UnitOfWork, batch: Batch, sha256: str) -> Added:
    """Add charges of a file, and correct those that it states anew; event ``cost:imported``.

    Corrections are ``cost:corrected``; both name the digest of the file.
    """
    fresh, known = _parted(unit.session, batch)
    _store(unit, fresh, "cost:imported", file=sha256)
    restated, entries = restating.corrections(unit.session, known)
    _store(unit, Batch.of(entries), "cost:corrected", file=sha256)
    return Added(len(fresh), len(known), tuple(restated), tuple(entries))


def _parted(session: Session, batch: Batch) -> tuple[Batch, Batch]:
    """Return which lines are not there yet, and which are."""
    sources = batch["source_id"]
    there = repository.there(session, sources)
    if not there:
        return batch, batch.only([])
    fresh = [place for place, source in enumerate(sources) if source not in there]
    known = [place for place, source in enumerate(sources) if source in there]
    return batch.only(fresh), batch.only(known)


def _store(unit: UnitOfWork, batch: Batch, action: str, **said: Any) -> None:
    if not len(batch):
        return
    corrected = _corrected(unit.session, batch)
    seq = unit.event(action, telling.subject(batch), **telling.words(batch), **said)
    repository.add(unit.session, batch, unit.now, seq)
    days.add(unit.session, tally.of(batch, corrected))
    quantities.add(unit.session, batch)


def _corrected(session: Session, batch: Batch) -> list[Entry]:
    """Return the lines without a price that are corrected for the first time.

    Raises
    ------
    NotFound
        When a correction is of a line that is not there.
    """
    asked = sorted(set(batch["corrects"]) - {""})
    if not asked:
        return []
    held = {each.source_id: each for each in batch.entries()}
    held |= {source: line.entry for source, line in repository.by_source(session, asked).items()}
    missing = [source for source in asked if source not in held]
    if missing:
        raise NotFound(f"There is no cost {missing[0]!r} to correct.")
    before = repository.corrected_already(session, asked)
    first = [held[source] for source in asked if source not in before]
    return [each for each in first if each.amount is None]
