"""How well a version does, and how that changed from version to version."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.figures.versions import VersionPoint
from console.format import NOTHING, count, interval, places, segment, share, signed
from console.views import standing
from console.views.model import ModelHead
from services.facts.evidence.types import Evidence, Measurement, MeasurementStatus
from services.kernel.metric import CATALOGUE
from services.people.account.types import Principal
from services.standards.policy.types import Threshold

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric of this version beside the same of the version compared with."""

    metric: str
    words: str
    value: str
    other: str
    change: str
    n: str
    method: str
    definition: str


@dataclass(frozen=True, slots=True)
class PerformanceView:
    """Metrics with intervals, and one metric over versions.

    Attributes
    ----------
    missing
        Why there is nothing to show; empty when there is.
    snippet
        The lines of training code that log an evaluation set.
    """

    name: str
    version: int
    compare: int | None
    rows: tuple[MetricRow, ...]
    segments: tuple[MetricRow, ...]
    metrics: tuple[tuple[str, str], ...]
    chosen: str
    chosen_words: str
    points: tuple[VersionPoint, ...]
    limit: float | None
    limit_words: str
    source: str
    missing: str = ""
    snippet: str = ""


KIND = "performance"
_MOST_VERSIONS = 12


def load(
    services: "Services", principal: Principal, head: ModelHead, chosen: str
) -> PerformanceView:
    """Return how well a version does; ``chosen`` is the metric drawn over versions."""
    del principal  # the head was loaded for this person
    with services.store.reading() as session:
        ref = services.registry.ref(session, head.name, head.version)
        evidence = services.evidence.latest(session, ref, KIND)
        if evidence is None:
            why = standing.missing(services, session, ref, KIND).why
            return _nothing(head, why)
        other = None
        if head.compare:
            other = services.evidence.latest(
                session, services.registry.ref(session, head.name, head.compare), KIND
            )
        rows = tuple(_row(m, other) for m in evidence.measurements if not m.segment)
        parts = tuple(_row(m, other) for m in evidence.measurements if m.segment)
        metrics = tuple((row.metric, row.words) for row in rows)
        names = dict(metrics)
        chosen = chosen if chosen in names else rows[0].metric if rows else ""
        points = over_versions(services, session, head, KIND, lambda found: _whole(found, chosen))
        policy = standing.policy_of(services, session, head.name, head.alias)
        limit = standing.limit_of(policy, chosen)
    return PerformanceView(
        head.name, head.version, head.compare, rows, parts, metrics, chosen, names.get(chosen, ""),
        marked(points, limit), limit.bound if limit else None, limit.words if limit else "",
        standing.source_of(services, evidence),
    )  # fmt: skip


def over_versions(
    services: "Services",
    session: Session,
    head: ModelHead,
    kind: str,
    pick: Callable[[Evidence], Measurement | None],
) -> tuple[VersionPoint, ...]:
    """Return one measurement of each of the newest versions that have it, the oldest first."""
    points: list[VersionPoint] = []
    newest = sorted(option.number for option in head.versions)[-_MOST_VERSIONS:]
    for number in newest:
        ref = services.registry.ref(session, head.name, number)
        evidence = services.evidence.latest(session, ref, kind)
        found = pick(evidence) if evidence else None
        if found is not None and found.value is not None:
            note = head.alias if number == head.alias_version else ""
            points.append(VersionPoint(number, found.value, found.lo, found.hi, found.n, note=note))
    return tuple(points)


def marked(points: Iterable[VersionPoint], limit: Threshold | None) -> tuple[VersionPoint, ...]:
    """Return points that know whether they are outside the limit."""
    return tuple(replace(p, outside=limit is not None and not limit.holds(p.value)) for p in points)


def _whole(evidence: Evidence, metric: str) -> Measurement | None:
    return next((m for m in evidence.measurements if m.metric == metric and not m.segment), None)


def _row(found: Measurement, other: Evidence | None) -> MetricRow:
    known = CATALOGUE.get(found.metric)
    words = known.words if known else found.metric
    theirs = _same(found, other)
    level = f", {share(found.level)}" if found.level else ""
    return MetricRow(
        found.metric,
        f"{words}, {segment(found.segment)}" if found.segment else words,
        _value(found),
        _value(theirs) if theirs else NOTHING,
        _change(found, theirs),
        count(found.n),
        f"{found.method}{level}",
        known.definition if known else "",
    )


def _same(found: Measurement, other: Evidence | None) -> Measurement | None:
    rows = other.measurements if other else ()
    return next((m for m in rows if (m.metric, m.segment) == (found.metric, found.segment)), None)


def _value(found: Measurement) -> str:
    if found.status is MeasurementStatus.TOO_FEW:
        return f"too few (n = {found.n:,})"
    return interval(found.value, found.lo, found.hi)


def _change(found: Measurement, theirs: Measurement | None) -> str:
    if theirs is None or found.value is None or theirs.value is None:
        return NOTHING
    return signed(found.value - theirs.value, places(found.value, theirs.value))


def _nothing(head: ModelHead, why: str) -> PerformanceView:
    return PerformanceView(
        head.name, head.version, head.compare, (), (), (), "", "", (), None, "", "", why,
        standing.SNIPPET,
    )  # fmt: skip
