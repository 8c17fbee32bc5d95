"""A card as Markdown with the metadata header that Hugging Face reads."""

from collections.abc import Mapping
from typing import Any

import yaml

from services.decisions.modelcard.numbers import Numbers, read
from services.decisions.modelcard.types import FIELDS, UNKNOWN, Card, FieldKind
from services.kernel.metric import CATALOGUE

_TASKS = {"regression": "tabular-regression"}


def to_markdown(card: Card, known: Numbers, task: str = "classification") -> str:
    """Return a card as a Markdown document.

    Parameters
    ----------
    known
        The measured numbers its references stand for.
    task
        ``classification``, ``multiclass`` or ``regression``.

    References
    ----------
    Hugging Face Hub, model card metadata (``modelcard.md``): ``model-index`` holds the results.
    """
    header = yaml.safe_dump(_metadata(card, known, task), sort_keys=False, allow_unicode=True)
    title = _inline(_title(card))
    parts = [f"---\n{header}---", f"# {title}", _identity(card)]
    parts += [
        f"## {spec.title}\n\n{_section(card, spec.name, known)}"
        for spec in FIELDS.values()
        if spec.name != "title"
    ]
    return "\n\n".join(parts) + "\n"


def _title(card: Card) -> str:
    field = card.fields.get("title", UNKNOWN)
    return field.text.split("\n", 1)[0] or card.ref.name


def _identity(card: Card) -> str:
    return (
        f"Model `{card.ref.name}`, version {card.ref.version}, run `{card.ref.run_id}`. "
        f"Card revision {card.revision}, SHA-256 `{card.sha256}`."
    )


def _section(card: Card, name: str, known: Numbers) -> str:
    field = card.fields.get(name, UNKNOWN)
    if field.kind is FieldKind.UNKNOWN:
        return "**UNKNOWN**: nobody has written this yet."
    if field.kind is FieldKind.NOT_APPLICABLE:
        return f"*Not applicable*: {_inline(field.source)}"
    words = _inline(read(field, known)).replace("\n", "  \n")
    origin = f"\n\n*Source: {field.source}.*" if field.kind is FieldKind.AUTO else ""
    return words + origin


def _inline(text: str) -> str:
    """Return text in which nothing is markup: raw HTML would run where Markdown is rendered."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _metadata(card: Card, known: Numbers, task: str) -> dict[str, Any]:
    licence = card.fields.get("license", UNKNOWN)
    model_type = card.fields.get("model_type", UNKNOWN).text.lower()
    header: dict[str, Any] = {
        "license": "other",
        "library_name": _library(model_type),
        "pipeline_tag": _TASKS.get(task, "tabular-classification"),
        "tags": ["governed", task],
        "model-index": [_index(card, known, task)],
    }
    if licence.kind is FieldKind.HUMAN:
        header["license_name"] = licence.text.split("\n", 1)[0][:100]
    return {key: value for key, value in header.items() if value}


def _library(model_type: str) -> str:
    known = ("sklearn", "xgboost", "lightgbm", "pytorch", "tensorflow")
    found = next((name for name in known if name in model_type), "")
    return "scikit-learn" if found == "sklearn" else found


def _index(card: Card, known: Numbers, task: str) -> Mapping[str, Any]:
    dataset = card.fields.get("evaluation_data", UNKNOWN).text.split("\n", 1)[0] or "not named"
    metrics = [
        {
            "type": metric.removeprefix("performance."),
            "name": CATALOGUE[metric].words,
            "value": number.value,
        }
        for (metric, segment), number in sorted(known.items())
        if not segment and metric.startswith("performance.") and number.value is not None
    ]
    return {
        "name": f"{card.ref.name} v{card.ref.version}",
        "results": [
            {
                "task": {"type": _TASKS.get(task, "tabular-classification")},
                "dataset": {"type": "evaluation", "name": dataset[:200]},
                "metrics": metrics,
            }
        ]
        if metrics
        else [],
    }
