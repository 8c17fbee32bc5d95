"""What a comparison on the holdout showed, as its training report says."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import count, interval, number, segment
from services.decisions.retraining.types import Ticket
from services.facts.evidence.types import Evidence, Measurement
from services.kernel.metric import metric

if TYPE_CHECKING:
    from services.bootstrap.services import Services

KIND = "training_report"
VERDICTS = {"better": ("pass", "Better"), "no_better": ("none", "No better")}
HOLDS = {"yes": ("pass", "Holds"), "no": ("fail", "Does not hold")}


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One thing that was looked at: its status, its name, what was found."""

    status: str
    word: str
    what: str
    words: str


@dataclass(frozen=True, slots=True)
class NumberRow:
    """One number of the report."""

    what: str
    value: str
    n: str
    method: str


@dataclass(frozen=True, slots=True)
class ComparedView:
    """What a training report says."""

    checks: tuple[CheckRow, ...]
    numbers: tuple[NumberRow, ...]
    digest: str


def load(services: "Services", session: Session, each: Ticket) -> ComparedView | None:
    """Return what the report of a ticket says; None while there is none."""
    if not each.report_evidence_id:
        return None
    return _view(services.evidence.by_id(session, each.report_evidence_id))


def of_version(services: "Services", name: str, version: int) -> ComparedView | None:
    """Return what the training report of a version says; None where it has none."""
    with services.store.reading() as session:
        ref = services.registry.ref(session, name, version)
        found = services.evidence.latest_by_kind(session, ref).get(KIND)
    return _view(found) if found else None


def _view(evidence: Evidence) -> ComparedView:
    return ComparedView(
        (*_verdict(evidence), *_start(evidence), *checks_of(evidence)),
        tuple(_number(m) for m in evidence.measurements),
        evidence.payload_sha256,
    )


def _verdict(evidence: Evidence) -> tuple[CheckRow, ...]:
    """Return what the comparison came to, as the first thing that is read."""
    said, reason = evidence.parameters.get("verdict"), evidence.parameters.get("reason")
    if not said or not reason:
        return ()
    status, word = VERDICTS.get(str(said), ("unknown", "Not comparable"))
    return (CheckRow(status, word, "all in all", str(reason)),)


def _start(evidence: Evidence) -> tuple[CheckRow, ...]:
    """Return what the training began from, where its recipe goes on from the champion."""
    said = evidence.parameters.get("start")
    if not said:
        return ()
    word, words = ("Goes on", "from the champion: ") if said["warm"] else ("Afresh", "")
    return (CheckRow("none", word, "what it began from", f"{words}{said['words']}."),)


def checks_of(evidence: Evidence) -> tuple[CheckRow, ...]:
    """Return what was looked at, what does not hold first."""
    found = [
        CheckRow(*HOLDS.get(c["holds"], ("unknown", "Not known")), c["what"], c["words"])
        for c in evidence.parameters.get("checks", ())
    ]
    order = {"fail": 0, "unknown": 1, "pass": 2}
    return tuple(sorted(found, key=lambda row: order[row.status]))


def _number(each: Measurement) -> NumberRow:
    words = metric(each.metric).words
    what = f"{words}, {segment(each.segment)}" if each.segment else words
    value = interval(each.value, each.lo, each.hi) if each.lo is not None else number(each.value)
    return NumberRow(what, value, count(each.n), each.method)
