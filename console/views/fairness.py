"""The bias audit of a version: groups, ratios, intersections, versions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session

from console.format import interval, plural
from console.views import standing
from console.views.groups import (
    RATE,
    RATIO,
    GroupRow,
    Table,
    attributes_of,
    gaps_of,
    group_row,
    is_reference,
    name_of,
    results_of,
    table_of,
)
from console.views.model import ModelHead
from console.views.performance import marked, over_versions
from services.facts.evidence.types import Evidence, Measurement, MeasurementStatus
from services.judgement.gate.types import Reason, Result
from services.people.account.types import Principal
from services.standards.policy.types import Threshold

if TYPE_CHECKING:
    from services.bootstrap.services import Services

from console.figures.ratios import RatioPoint
from console.figures.versions import VersionPoint


@dataclass(frozen=True, slots=True)
class FairnessView:
    """What the fairness tab shows for one attribute.

    Attributes
    ----------
    missing
        Why there is nothing to show; empty when there is.
    """

    name: str
    version: int
    status: str
    word: str
    sentence: str
    attributes: tuple[str, ...]
    attribute: str
    reference: str
    favourable: str
    groups: tuple[GroupRow, ...]
    few_note: str
    ratios: tuple[RatioPoint, ...]
    limit: float | None
    points: tuple[VersionPoint, ...]
    gaps: tuple[tuple[str, str, str], ...]
    source: str
    missing_status: str = "unknown"
    missing: str = ""
    snippet: str = ""


KIND = "fairness"
_WORDS = {Result.PASS: ("pass", "Pass"), Result.FAIL: ("fail", "Fail")}


def load(services: "Services", principal: Principal, head: ModelHead, chosen: str) -> FairnessView:
    """Return the bias audit of a version for one attribute, the first when none is chosen."""
    del principal  # the head was loaded for this person
    with services.store.reading() as session:
        ref = services.registry.ref(session, head.name, head.version)
        evidence = services.evidence.latest(session, ref, KIND)
        if evidence is None:
            why = standing.missing(services, session, ref, KIND)
            return _nothing(head, why)
        verdict = standing.verdict_of(services, session, ref, head.alias)
        policy = standing.policy_of(services, session, head.name, head.alias)
        limit = standing.limit_of(policy, RATIO)
        attributes = attributes_of(evidence)
        attribute = chosen if chosen in attributes else attributes[0]
        points = _points(services, session, head, attribute)
    least = policy.evidence[KIND].min_n if policy and KIND in policy.evidence else None
    view = _Audit(evidence, attribute, limit, results_of(verdict), least)
    return view.view(
        head, attributes, marked(points, limit), standing.source_of(services, evidence)
    )


@dataclass(frozen=True, slots=True)
class _Audit:
    evidence: Evidence
    attribute: str
    limit: Threshold | None
    results: Mapping[str, tuple[Result, Reason]]
    least: int | None

    def view(
        self, head: ModelHead, attributes: tuple[str, ...], points: tuple[VersionPoint, ...],
        source: str,
    ) -> FairnessView:  # fmt: skip
        table = table_of(self.evidence, self.attribute)
        total = sum(cells[RATE].n for cells in table.values()) or 1
        groups = tuple(group_row(name, cells, total) for name, cells in table.items())
        ratios = tuple(self._ratio(name, cells) for name, cells in table.items())
        status, word, sentence = self._sentence(table)
        return FairnessView(
            head.name, head.version, status, word, sentence, attributes, self.attribute,
            self._reference(), str(self.evidence.parameters.get("favourable", "as the policy says")),
            groups, self._few(groups), ratios, self.limit.bound if self.limit else None, points,
            gaps_of(self.evidence, self.attribute), source,
        )  # fmt: skip

    def _reference(self) -> str:
        table = table_of(self.evidence, self.attribute)
        found = (
            name for name, cells in table.items() if RATIO in cells and is_reference(cells[RATIO])
        )
        name = next(found, None)
        return name_of(name) if name else "the reference group"

    def _few(self, groups: tuple[GroupRow, ...]) -> str:
        few = [f"{g.group} ({plural(int(g.n.replace(',', '')), 'row')})" for g in groups if g.few]
        least = f"; {self.least} are the least" if self.least else ""
        return f"Too few rows to show a rate: {', '.join(few)}{least}." if few else ""

    def _ratio(self, name: str, cells: Mapping[str, Measurement]) -> RatioPoint:
        found = cells.get(RATIO)
        group, n = name_of(name), cells[RATE].n
        if found is None or found.value is None or found.status is not MeasurementStatus.OK:
            return RatioPoint(group, n, None, None, None, "unknown")
        if is_reference(found):
            return RatioPoint(group, n, 1.0, None, None, "none")
        result, _ = self.results.get(name, (self._own(found), Reason.NONE))
        status = _WORDS.get(result, ("unknown", ""))[0]
        return RatioPoint(group, n, found.value, found.lo, found.hi, status)

    def _own(self, found: Measurement) -> Result:
        if self.limit is None or found.value is None:
            return Result.PASS
        return Result.PASS if self.limit.holds(found.value) else Result.FAIL

    def _sentence(self, table: Table) -> tuple[str, str, str]:
        measured = [
            (cells[RATIO].value or 0.0, name, cells[RATIO])
            for name, cells in table.items()
            if RATIO in cells and cells[RATIO].value is not None and cells[RATIO].lo is not None
        ]
        if not measured:
            return "unknown", "Too few rows", "No two groups have enough rows to compare."
        _, name, worst = min(measured, key=lambda each: each[0])
        bound = self.limit.bound if self.limit else None
        shown = interval(worst.value, worst.lo, worst.hi, limit=bound)
        judged = f"; the limit is {self.limit.words}" if self.limit else "; no policy sets a limit"
        sentence = (
            f"{name_of(name)} is selected at {shown} times the rate of {self._reference()}, "
            f"n = {worst.n:,}{judged}. The unfavourable end of the interval decides."
        )
        result, reason = self.results.get(name, (Result.UNKNOWN, Reason.NONE))
        if result in _WORDS:
            return (*_WORDS[result], sentence)
        word = "Not shown" if reason is Reason.NOT_SHOWN else "Not judged"
        return "unknown", word, sentence


def _points(
    services: "Services", session: Session, head: ModelHead, attribute: str
) -> tuple[VersionPoint, ...]:
    def worst(evidence: Evidence) -> Measurement | None:
        found = [cells.get(RATIO) for cells in table_of(evidence, attribute).values()]
        usable = [m for m in found if m is not None and m.value is not None and m.lo is not None]
        return min(usable, key=lambda m: m.value or 0.0, default=None)

    return over_versions(services, session, head, KIND, worst)


def _nothing(head: ModelHead, why: standing.Missing) -> FairnessView:
    return FairnessView(
        head.name, head.version, why.status, "", "", (), "", "", "", (), "", (), None, (), (), "",
        why.status, why.why, standing.SNIPPET,
    )  # fmt: skip
