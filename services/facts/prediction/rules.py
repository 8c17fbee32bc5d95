"""Which rows may enter the prediction log: shapes, instants, names; no row is stored half."""

import hmac
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from services.facts.prediction.frame import word
from services.facts.prediction.types import FREE, Custody, Rejection, Row, Stream

AHEAD = timedelta(minutes=10)
MOST_ROWS = 10_000
_WIDEST = 2_000
_LONGEST = 10_000
_PLAIN = frozenset({bool, int, float, str, type(None)})


def _known(value: Any) -> Any:
    """Return a value, or None where it is no number."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _named(values: dict[str, Any]) -> dict[str, Any]:
    _check_names(tuple(values))
    return values


@lru_cache(maxsize=64)
def _check_names(names: tuple[str, ...]) -> None:
    """Refuse columns that cannot be stored; the rows of a batch name the same ones."""
    if len(names) > _WIDEST:
        raise ValueError(f"holds {len(names):,} columns; {_WIDEST:,} are the most")
    for name in names:
        if not name or len(name) > 255 or not name.isprintable():
            raise ValueError("a column's name has 1 to 255 printable characters")


def _plain(values: Any, check: ValidatorFunctionWrapHandler) -> dict[str, Any]:
    """Return cells that need no look one by one, as nearly all do; the others are checked."""
    if isinstance(values, dict) and {*map(type, values.values())} <= _PLAIN:
        words = [each for each in values.values() if isinstance(each, str)]
        if {*map(type, values)} <= {str} and all(len(each) <= _LONGEST for each in words):
            return values
    return check(values)


Id = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Word = Annotated[str, Field(max_length=200)]
Number = Annotated[float | None, BeforeValidator(_known)]
Cell = bool | int | float | Annotated[str, Field(max_length=_LONGEST)] | None
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Cells = Annotated[dict[str, Cell], WrapValidator(_plain), AfterValidator(_named)]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    prediction_id: Id
    at: AwareDatetime


class PredictionSent(_Sent):
    """One answer of a model, as its serving code sends it.

    Attributes
    ----------
    version
        The registered version that answered, from 1.
    features
        What the model was given, by column; a missing value is null or NaN.
    segments
        By what the answers are looked at apart: carrier, region, channel.
    caller, subject
        Who asked, and whom the answer is about. Only their keyed digests are stored.
    latency_ms
        Milliseconds from request to answer, 0 or more.
    scores
        One score per class, in the order of the model's classes.
    """

    version: Annotated[int, Field(ge=1, le=2**31 - 1)]
    environment: Word = "production"
    arm: Literal["stable", "canary", "shadow", "a", "b"] = "stable"
    caller: Annotated[str, Field(max_length=1_000)] | None = None
    subject: Annotated[str, Field(max_length=1_000)] | None = None
    status: Literal["ok", "error"] = "ok"
    error_type: Word | None = None
    latency_ms: Annotated[Annotated[float, Field(ge=0)] | None, BeforeValidator(_known)] = None
    score: Number = None
    prediction: Annotated[Cell, BeforeValidator(_known)] = None
    scores: Annotated[list[float], Field(max_length=1_000)] | None = None
    threshold: Number = None
    decision: Word | None = None
    decided_by: Literal["model", "person"] = "model"
    overridden: bool = False
    input_sha256: Sha256 | None = None
    explanation_sha256: Sha256 | None = None
    features: Cells = Field(default_factory=dict)
    segments: Cells = Field(default_factory=dict)


class OutcomeSent(_Sent):
    """What turned out to be true about one prediction.

    Attributes
    ----------
    source
        Who says so: a system, or a person who labelled.
    """

    outcome: Annotated[bool | int | float | Word, BeforeValidator(_known)]
    source: Annotated[str, Field(min_length=1, max_length=200)]


class ProtectedSent(_Sent):
    """Protected attributes of whom one prediction is about; for the measurement of fairness alone."""

    attributes: Annotated[Cells, Field(min_length=1)]


_SHAPES: dict[Stream, type[_Sent]] = {
    Stream.PREDICTIONS: PredictionSent,
    Stream.OUTCOMES: OutcomeSent,
    Stream.PROTECTED: ProtectedSent,
}
_NESTED = frozenset({"features", "segments", "attributes"})
_INSIDE = _NESTED | {"caller", "subject"}


def columns(stream: Stream) -> frozenset[str]:
    """Return what a row of a stream may say, features and their like apart."""
    return frozenset(_SHAPES[stream].model_fields) - _NESTED


def read(
    stream: Stream, sent: Sequence[Any], now: datetime, key: bytes, custody: Custody = FREE
) -> tuple[list[Row], list[Rejection]]:
    """Return the rows that may be stored, and why the others may not.

    Parameters
    ----------
    sent
        Parsed rows, in the order of the batch.
    now
        Instants more than ten minutes ahead of it are refused: a clock is wrong.
    key
        The deployment's key under which callers and subjects are digested.
    custody
        Which columns are dropped or digested.
    """
    rows: list[Row] = []
    rejected: list[Rejection] = []
    shape = _SHAPES[stream]
    for position, each in enumerate(sent):
        if not isinstance(each, dict):
            rejected.append(Rejection(position, "the row is no JSON object"))
            continue
        try:
            found = shape.model_validate(each)
        except ValidationError as error:
            rejected.append(Rejection(position, _reason(error)))
            continue
        at = found.at.astimezone(UTC)
        if at > now + AHEAD:
            words = f"at: {at.isoformat()} lies in the future; is the sender's clock right?"
            rejected.append(Rejection(position, words))
            continue
        rows.append(Row(found.prediction_id, at, _columns(found, at, key, custody)))
    return rows, rejected


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(each) for each in first["loc"] if not str(each).startswith("constrained"))
    words = str(first["msg"]).removeprefix("Value error, ")
    return f"{place[:200]}: {words}" if place else words


def _columns(found: _Sent, at: datetime, key: bytes, custody: Custody) -> dict[str, Any]:
    """Return the columns of the log: features as ``f_…``, segments as ``s_…``, people as digests."""
    held = {name: value for name, value in vars(found).items() if name not in _INSIDE}
    held["at"] = at.isoformat()
    if isinstance(found, PredictionSent):
        held["caller_hash"] = digest_of(found.caller, key)
        held["subject_hash"] = digest_of(found.subject, key)
        held |= _kept("f_", found.features, key, custody)
        held |= _kept("s_", found.segments, key, custody)
    if isinstance(found, ProtectedSent):
        held |= _kept("a_", found.attributes, key, custody)
    return held


def _kept(prefix: str, values: Mapping[str, Any], key: bytes, custody: Custody) -> dict[str, Any]:
    held = {
        f"{prefix}{name}": None if value != value else value  # noqa: PLR0124 - NaN is unlike itself
        for name, value in values.items()
    }
    for name in _among(custody.hashed, prefix, values):
        held[f"{prefix}{name}"] = digest_of(word(held[f"{prefix}{name}"]), key)
    for name in _among(custody.dropped, prefix, values):
        del held[f"{prefix}{name}"]
    return held


def _among(columns: frozenset[str], prefix: str, values: Mapping[str, Any]) -> list[str]:
    """Return the names that a custody means, by the sender's name or by that of the log."""
    if not columns:
        return []
    return [name for name in values if name in columns or f"{prefix}{name}" in columns]


def digest_of(who: str | None, key: bytes) -> str | None:
    """Return the HMAC-SHA-256 of a caller or subject under the deployment's key; None of None."""
    return None if who is None else hmac.digest(key, who.encode(), "sha256").hex()
