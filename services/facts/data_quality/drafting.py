"""What rows are expected to be, drafted from the model's signature and its reference.

Notes
-----
The signature says the kind of a column and whether it must be there; without one the reference does.
Whether values may be missing, and their range, the reference says: MLflow signs for columns, not for
values. A range is as wide again on either side, so that it tells what cannot be from what is merely
new: that is the share of new values, which the drift instrument shows.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from services.facts.data_quality.types import Expectation, Kind
from services.kernel.error import IntegrityBroken, InvalidInput

_KINDS = {
    "boolean": Kind.BOOLEAN,
    "integer": Kind.INTEGER,
    "long": Kind.INTEGER,
    "float": Kind.NUMBER,
    "double": Kind.NUMBER,
    "datetime": Kind.INSTANT,
    "string": Kind.TEXT,
}


def draft(
    reference: pd.DataFrame, features: Sequence[str], signature: str | None = None
) -> tuple[Expectation, ...]:
    """Return what is expected of each feature.

    Parameters
    ----------
    reference
        The evaluation set.
    features
        Columns that the model reads.
    signature
        The JSON of the signature's inputs as MLflow stores it; None, or one of a tensor, says nothing
        of columns.

    Raises
    ------
    InvalidInput
        When the signature is no JSON list of columns.
    """
    signed = _signed(signature)
    names = [*features, *(name for name in signed if name not in set(features))]
    return tuple(_one(name, reference, signed.get(name)) for name in names)


def pack(expectations: Sequence[Expectation]) -> bytes:
    """Return expectations as bytes; :func:`unpack` reads them."""
    return json.dumps([asdict(each) for each in expectations]).encode()


def unpack(stored: bytes) -> tuple[Expectation, ...]:
    """Return the expectations that were packed.

    Raises
    ------
    IntegrityBroken
        For bytes that no release of this room wrote.
    """
    try:
        held: list[dict[str, Any]] = json.loads(stored)
        return tuple(_expectation(**each) for each in held)
    except (ValueError, TypeError, KeyError) as error:
        raise IntegrityBroken("Stored expectations cannot be read.") from error


def _expectation(kind: str, **others: Any) -> Expectation:
    return Expectation(kind=Kind(kind), **others)


def _signed(signature: str | None) -> dict[str, Mapping[str, Any]]:
    """Return the columns of a signature by name."""
    if signature is None:
        return {}
    try:
        held = json.loads(signature)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("The signature of the model is no JSON.") from error
    if not isinstance(held, list) or not all(isinstance(each, dict) for each in held):
        raise InvalidInput("The signature of the model is no list of columns.")
    return {
        str(each["name"]): each for each in held if each.get("type") in _KINDS and "name" in each
    }


def _one(name: str, reference: pd.DataFrame, signed: Mapping[str, Any] | None) -> Expectation:
    values = reference[name] if name in reference.columns else pd.Series(dtype=object)
    known = values.dropna()
    kind = _KINDS[signed["type"]] if signed else _kind_of(known)
    required = bool(signed.get("required", True)) if signed else True
    complete = required and len(known) == len(values) > 0
    lo, hi = _range(known) if kind in (Kind.NUMBER, Kind.INTEGER) else (None, None)
    return Expectation(f"f_{name}", kind, required, complete, lo, hi)


def _kind_of(known: pd.Series) -> Kind:
    if pd.api.types.is_bool_dtype(known):
        return Kind.BOOLEAN
    if pd.api.types.is_numeric_dtype(known):
        return Kind.NUMBER
    return Kind.INSTANT if pd.api.types.is_datetime64_any_dtype(known) else Kind.TEXT


def _range(known: pd.Series) -> tuple[float | None, float | None]:
    """Return the reference's range, as wide again on either side; what is never negative stays so.

    Notes
    -----
    A column of one value has no range to speak of.
    """
    numbers = pd.to_numeric(known, errors="coerce").to_numpy(dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers) or not np.ptp(numbers):
        return None, None
    lo, hi = float(numbers.min()), float(numbers.max())
    width = hi - lo
    return (max(0.0, lo - width) if lo >= 0 else lo - width), hi + width
