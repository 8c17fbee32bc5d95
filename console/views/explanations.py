"""What moves the answers of a version: global importance, and how it was computed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.format import number
from console.views import standing
from console.views.model import ModelHead
from services.facts.evidence.types import Evidence, parse_segment
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services

from console.figures.bars import Importance


@dataclass(frozen=True, slots=True)
class ExplanationsView:
    """Bars, ranks beside those of another version, and the facts of the computation."""

    name: str
    version: int
    compare: int | None
    bars: tuple[Importance, ...]
    ranks: tuple[tuple[str, str, str, str], ...]
    unit: str
    facts: tuple[tuple[str, str], ...]
    source: str
    more: int = 0
    missing: str = ""


KIND = "explanation"
IMPORTANCE = "explanation.importance"
RESIDUAL = "explanation.additivity_residual"
_MOST = 20
_TOLD = (
    ("explainer", "Explainer"),
    ("space", "Space"),
    ("background", "Background"),
    ("background_rows", "Background rows"),
    ("rows", "Rows explained"),
)


def load(services: "Services", principal: Principal, head: ModelHead) -> ExplanationsView:
    """Return the global explanation of a version, beside that of the version compared with."""
    del principal  # the head was loaded for this person
    with services.store.reading() as session:
        ref = services.registry.ref(session, head.name, head.version)
        evidence = services.evidence.latest(session, ref, KIND)
        if evidence is None:
            why = standing.missing(services, session, ref, KIND).why
            return ExplanationsView(
                head.name, head.version, head.compare, (), (), "", (), "", 0, why
            )
        other = None
        if head.compare:
            theirs = services.registry.ref(session, head.name, head.compare)
            other = services.evidence.latest(session, theirs, KIND)
    mine, his = importances(evidence), importances(other) if other else {}
    order = sorted(mine, key=lambda name: -mine[name])
    bars = tuple(Importance(name, mine[name], his.get(name)) for name in order[:_MOST])
    unit = str(
        evidence.parameters.get("space") or evidence.parameters.get("output") or "model output"
    )
    return ExplanationsView(
        head.name, head.version, head.compare if his else None, bars, ranks(order, his), unit,
        _facts(evidence), standing.source_of(services, evidence), max(0, len(order) - _MOST),
        "" if bars else "No feature was explained.",
    )  # fmt: skip


def ranks(
    order: list[str], other: dict[str, float], most: int = 10
) -> tuple[tuple[str, str, str, str], ...]:
    """Return feature, rank here, rank there, and how far it moved, for the first features."""
    there = {name: place for place, name in enumerate(sorted(other, key=lambda n: -other[n]), 1)}
    rows: list[tuple[str, str, str, str]] = []
    for place, name in enumerate(order[:most], 1):
        if name in there:
            step = there[name] - place
            moved = "same" if not step else f"up {step}" if step > 0 else f"down {-step}"
            rows.append((name, str(place), str(there[name]), moved))
    return tuple(rows)


def importances(evidence: Evidence) -> dict[str, float]:
    """Return the importance of each feature, in the unit of the explained output."""
    return {
        parse_segment(m.segment).get("feature", m.segment): m.value
        for m in evidence.measurements
        if m.metric == IMPORTANCE and m.value is not None
    }


def _facts(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    known = evidence.parameters
    facts = [(words, str(known[key])) for key, words in _TOLD if key in known]
    residual = next((m for m in evidence.measurements if m.metric == RESIDUAL), None)
    if residual is not None and residual.value is not None:
        shown = f"{residual.value:.1e}" if residual.value < 0.001 else number(residual.value)
        facts.append(("Additivity residual", f"{shown}, n = {residual.n:,}"))
    if evidence.seed is not None:
        facts.append(("Seed", str(evidence.seed)))
    return tuple(facts)
