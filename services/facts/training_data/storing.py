"""A snapshot in the folder of a job: what the script reads, and what is hashed again before it runs."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from services.facts.training_data.columns import is_number, normalised
from services.facts.training_data.loading import snapshot
from services.facts.training_data.types import Snapshot, Source
from services.kernel.error import IntegrityBroken, NotFound, SourceUnavailable

ROWS, SCHEMA, SEARCH = "train.parquet", "schema.json", "search.json"
MOST_CLASSES = 100
"""More different whole numbers are amounts, not names of classes."""


def store(found: Snapshot, folder: Path, search: Mapping[str, Any] | None = None) -> None:
    """Write ``train.parquet`` and ``schema.json`` into ``data/`` of a job; again changes nothing.

    Parameters
    ----------
    search
        The recipe's search over parameters, written as ``search.json``; None for none.

    Raises
    ------
    SourceUnavailable
        When the folder takes no file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = folder / f".{ROWS}.partial"
        parquet.write_table(found.table, partial, compression="zstd")
        partial.replace(folder / ROWS)
        told = json.dumps(schema(found), indent=1, default=str)
        (folder / SCHEMA).write_text(told, encoding="utf-8")
        if search is not None:
            (folder / SEARCH).write_text(json.dumps(dict(search)), encoding="utf-8")
    except OSError as error:
        raise SourceUnavailable(
            "The training rows cannot be written into the job's folder; free some space."
        ) from error


def stored(source: Source, folder: Path) -> Snapshot:
    """Return the snapshot that lies in a folder, its digest taken anew.

    Raises
    ------
    NotFound
        When there is none.
    IntegrityBroken
        When the file is damaged.
    """
    place = folder / ROWS
    if not place.is_file():
        raise NotFound("The training rows of this ticket are no longer in its folder.")
    try:
        held = parquet.read_table(place).replace_schema_metadata()
    except (pa.ArrowInvalid, OSError) as error:
        raise IntegrityBroken("The training rows of this ticket are damaged.") from error
    return snapshot(source, normalised(held))


def schema(found: Snapshot) -> dict[str, Any]:
    """Return what the columns mean, as a script reads it: ``data/schema.json``."""
    source = found.source
    return {
        "task": task_of(found),
        "target": source.target,
        "time": source.time or None,
        "id": source.id or None,
        "features": list(found.features),
        "rows": found.rows,
        "sha256": found.sha256,
        "source": {"uri": source.uri, "plus": list(source.plus), "window": asdict(source.window)},
    }


def task_of(found: Snapshot) -> str:
    """Return classification, multiclass or regression, by the values of the target.

    Notes
    -----
    Two different values are a classification; texts, truths and up to a hundred different whole numbers
    are classes; anything else is an amount.
    """
    values = found.table.column(found.source.target)
    different = len(values.unique().drop_null()) if values.null_count else len(values.unique())
    if different <= 2:
        return "classification"
    if not is_number(found.table, found.source.target):
        return "multiclass"
    whole = all(
        float(each).is_integer() for each in values.unique().to_pylist() if each is not None
    )
    return "multiclass" if whole and different <= MOST_CLASSES else "regression"
