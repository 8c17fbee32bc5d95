"""Where a version comes from, as a list: dataset digest, run, version, commit."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.format import NOTHING, instant
from console.views.model import ModelHead
from services.facts.evidence.types import Evidence
from services.facts.registry.types import Dataset, Run, Version
from services.people.account.types import Principal

if TYPE_CHECKING:
    from services.bootstrap.services import Services


@dataclass(frozen=True, slots=True)
class LineageRow:
    """One thing a version was made of.

    Attributes
    ----------
    traced
        Whether a full digest identifies it.
    """

    what: str
    name: str
    digest: str
    source: str
    traced: bool


@dataclass(frozen=True, slots=True)
class LineageView:
    """The list, and the run that made the version."""

    status: str
    sentence: str
    rows: tuple[LineageRow, ...]
    run: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...]


KIND = "lineage"
TRACED = "lineage.sources_traced"
PLACES = ("uri", "url", "path")


def load(services: "Services", principal: Principal, head: ModelHead) -> LineageView:
    """Return what a version was made of, as its run says, and how much of it is traced."""
    del principal  # the head was loaded for this person
    with services.store.reading() as session:
        version = services.registry.version(session, head.name, head.version)
        run = services.registry.run(session, version.ref.run_id)
        evidence = services.evidence.latest(session, version.ref, KIND)
    rows = [*(_dataset(each) for each in run.datasets)] if run else []
    rows += _inputs(evidence)
    rows.append(_code(run))
    rows.append(
        LineageRow(
            "version", version.ref.label, version.ref.run_id, version.ref.source_uri, traced=True
        )
    )
    status, sentence = _told(evidence, run)
    return LineageView(status, sentence, tuple(rows), _run(version, run), _parameters(run))


def _dataset(each: Dataset) -> LineageRow:
    what = f"dataset, {each.context}" if each.context else "dataset"
    return LineageRow(
        what, each.name, each.sha256 or each.digest, place(each.source), each.sha256 is not None
    )


def place(source: str) -> str:
    """Return where a dataset lies: MLflow writes some sources as JSON with one address in it."""
    try:
        told = json.loads(source)
    except ValueError:
        return source
    found = [told[key] for key in PLACES if isinstance(told, dict) and told.get(key)]
    return str(found[0]) if found else source


def _inputs(evidence: Evidence | None) -> list[LineageRow]:
    inputs = evidence.inputs if evidence else ()
    return [
        LineageRow("measured on", i.role, i.sha256, "the run's artifacts", traced=True)
        for i in inputs
        if ":" not in i.role
    ]


def _code(run: Run | None) -> LineageRow:
    commit = run.git_commit if run else None
    source = (run.tags.get("mlflow.source.name", "") if run else "") or NOTHING
    return LineageRow("code", "git commit", commit or "", source, commit is not None)


def _told(evidence: Evidence | None, run: Run | None) -> tuple[str, str]:
    if run is None:
        return (
            "unknown",
            "The run of this version is not mirrored yet; nothing of it is known here.",
        )
    traced = next(
        (m for m in evidence.measurements if m.metric == TRACED and not m.segment), None
    ) if evidence else None  # fmt: skip
    if traced is None or traced.value is None:
        return "unknown", "Not measured: what follows is what the run says of itself."
    whole = round(traced.value * traced.n)
    sentence = f"{whole} of {traced.n} datasets are identified by a full digest."
    return ("pass" if whole == traced.n else "unknown"), sentence


def _run(version: Version, run: Run | None) -> tuple[tuple[str, str], ...]:
    facts = [("Run", version.ref.run_id), ("Source", version.ref.source_uri)]
    if run is not None:
        facts += [
            ("By", run.user or "nobody is named"),
            ("Started", instant(run.started_at)),
            ("Ended", instant(run.ended_at)),
            ("State", run.status),
        ]
    return (*facts, ("Registered", instant(version.created_at)))


def _parameters(run: Run | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(run.params.items())) if run else ()
