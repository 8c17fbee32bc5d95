"""Charges that a later file states anew: the difference, as lines of its own."""

import re
from collections.abc import Iterator

from sqlmodel import Session

from services.facts.cost import correcting, repository, rules
from services.facts.cost.batch import Batch, Stored, entry
from services.facts.cost.types import Entry
from services.kernel.error import InvalidInput

SAID = (
    "kind", "sku", "unit", "quantity_micros", "currency", "micros", "model", "version", "run_id", "team",
    "environment", "experiment", "starts_at", "ends_at",
)  # fmt: skip
"""What a file says of a charge."""
LONGEST = 170
_OURS = re.compile(r":[cv]\d+$")


def named(told: str) -> str:
    """Return what a file calls a charge.

    Raises
    ------
    InvalidInput
        When it is too long for corrections to be named after it, or looks like one of them.
    """
    if len(told) > LONGEST:
        raise InvalidInput(f"id has {len(told):,} characters; {LONGEST} is the most.")
    if found := _OURS.search(told):
        raise InvalidInput(f"id ends in {found[0]!r}, as corrections do; write another.")
    return told


def corrections(session: Session, known: Batch) -> tuple[list[str], list[Entry]]:
    """Return which charges stand otherwise than a file says, and the lines that make them so.

    Parameters
    ----------
    known
        Charges as the file has them, whose lines are in the ledger.

    Notes
    -----
    A charge is held against its line with all that corrects it, so that the same file again corrects
    nothing; of two files the one that was imported last is in force. What comparisons with a bill wrote
    is left out: they are made again.
    """
    wanted = {each.source_id: each for each in _differing(session, known)}
    families = repository.families(session, list(wanted))
    restated: list[str] = []
    found: list[Entry] = []
    for source, lines in families.items():
        standing = correcting.together(map(entry, lines))
        told = correcting.difference(standing, [entry(wanted[source])], restated=True)
        more = [each for each in told if not _is_nothing(each)]
        restated += [source] if more else []
        found += more
    return restated, rules.checked(found)


def _is_nothing(line: Entry) -> bool:
    return not line.use.quantity and line.amount is not None and not line.amount.micros


def _differing(session: Session, known: Batch) -> Iterator[Stored]:
    """Yield charges whose own line says something else, or that were corrected before."""
    sources = known["source_id"]
    corrected = repository.corrected_already(session, sources)
    columns = zip(*(known[name] for name in SAID), strict=True)
    says = dict(zip(sources, columns, strict=True))
    places = {source: place for place, source in enumerate(sources)}
    differs = {
        each.source_id
        for each in repository.rows(session, sources)
        if each.source_id in corrected or _said(each) != says[each.source_id]
    }
    return known.only(sorted(places[each] for each in differs)).rows()


def _said(line: Stored) -> tuple[object, ...]:
    return tuple(getattr(line, name) for name in SAID)
