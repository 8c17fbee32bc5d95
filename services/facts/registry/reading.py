"""MLflow's JSON, read into nouns."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from services.facts.registry.types import Dataset, Head, Run, SeenVersion
from services.kernel.text import keepable
from services.record.canonical import digest

PROMPT_TAG = "mlflow.prompt.is_prompt"
DATA_SHA256 = "countersign.data_sha256"


def instant(milliseconds: int | str | None) -> datetime | None:
    """Return an instant from milliseconds since 1970; None for nothing."""
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC) if milliseconds else None


def pairs(items: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """Return MLflow's list of key and value as a mapping, sorted by key."""
    found = {keepable(str(e["key"])): keepable(str(e.get("value", ""))) for e in items or ()}
    return dict(sorted(found.items()))


def head(item: Mapping[str, Any]) -> Head:
    """Return a registered model, with a digest of everything one request says of it."""
    aliases = {str(a["alias"]): int(a["version"]) for a in item.get("aliases", ())}
    latest = [int(v["version"]) for v in item.get("latest_versions", ())]
    facts: dict[str, Any] = {
        "name": keepable(str(item["name"])),
        "description": keepable(str(item.get("description", ""))),
        "tags": pairs(item.get("tags")),
        "aliases": dict(sorted(aliases.items())),
        "latest": [
            [v["version"], v.get("run_id", ""), keepable(str(v.get("source", ""))), v.get("status", ""),
             keepable(str(v.get("description", ""))), pairs(v.get("tags"))]
            for v in item.get("latest_versions", ())
        ],
        "updated": item.get("last_updated_timestamp", 0),
    }  # fmt: skip
    return Head(
        name=str(item["name"]),
        description=facts["description"],
        tags=facts["tags"],
        aliases=facts["aliases"],
        latest_version=max(latest, default=None),
        created_ms=int(item.get("creation_timestamp", 0)),
        sha256=digest(facts),
    )


def is_prompt(item: Mapping[str, Any]) -> bool:
    """Tell whether a registered model is an entry of the prompt registry."""
    return pairs(item.get("tags")).get(PROMPT_TAG, "").lower() == "true"


def version(item: Mapping[str, Any]) -> SeenVersion:
    """Return a version."""
    return SeenVersion(
        name=str(item["name"]),
        version=int(item["version"]),
        run_id=str(item.get("run_id", "")),
        source_uri=keepable(str(item.get("source", ""))),
        created_ms=int(item.get("creation_timestamp", 0)),
        updated_ms=int(item.get("last_updated_timestamp", 0)),
        status=str(item.get("status", "")),
        description=keepable(str(item.get("description", ""))),
        tags=pairs(item.get("tags")),
    )


def run(item: Mapping[str, Any]) -> Run:
    """Return a run with its last metrics, parameters, tags and data sets."""
    info, data = item["info"], item.get("data", {})
    tags = pairs(data.get("tags"))
    return Run(
        run_id=str(info["run_id"]),
        experiment_id=str(info.get("experiment_id", "")),
        user=tags.get("mlflow.user") or None,
        status=str(info.get("status", "")),
        started_at=instant(info.get("start_time")),
        ended_at=instant(info.get("end_time")),
        git_commit=tags.get("mlflow.source.git.commit") or None,
        metrics=_metrics(data.get("metrics", ())),
        params=pairs(data.get("params")),
        tags=tags,
        datasets=tuple(_dataset(d) for d in item.get("inputs", {}).get("dataset_inputs", ())),
    )


def _metrics(items: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return finite metrics; MLflow writes the others as words."""
    found: dict[str, float] = {}
    for each in items:
        value = float(each.get("value", "nan"))
        if abs(value) < float("inf"):
            found[str(each["key"])] = value
    return dict(sorted(found.items()))


def _dataset(item: Mapping[str, Any]) -> Dataset:
    tags, held = pairs(item.get("tags")), item.get("dataset", {})
    return Dataset(
        name=keepable(str(held.get("name", ""))),
        context=tags.get("mlflow.data.context", ""),
        digest=str(held.get("digest", "")),
        source=keepable(str(held.get("source", "")))[:2000],
        sha256=tags.get(DATA_SHA256),
    )
