"""What the demonstration is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from services.kernel.identity import Role, Tier
from services.workflows.feed.types import Plan

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class DataSet:
    """One table, split once for ever.

    Attributes
    ----------
    features
        (n, m) predictors; index 0 to n-1.
    target
        (n,) the truth.
    protected
        (n, k) protected attributes as words; missing where nobody asked.
    train, evaluation
        Row numbers of the two parts.
    favourable
        The value of the target that a person hopes for; None where nobody does.
    segments
        Features by which the answers are looked at apart.
    """

    name: str
    source: str
    task: str
    features: "pd.DataFrame"
    target: "pd.Series"
    protected: "pd.DataFrame"
    train: list[int]
    evaluation: list[int]
    favourable: int | None
    segments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replay:
    """Rows that a version answers again, as if they were asked in production.

    Attributes
    ----------
    rows
        (n, k) columns of the prediction log: ``prediction_id``, ``at``, ``caller``, ``latency_ms``,
        ``status``, ``error_type``, ``outcome`` and ``outcome_at`` (missing where nothing is known),
        by instant.
    features
        (n, m) what the version is given.
    protected
        (n, p) protected attributes as words.
    plan
        How the rows are told.
    window
        How long a window of watching is, where the day is not right.
    """

    rows: "pd.DataFrame"
    features: "pd.DataFrame"
    protected: "pd.DataFrame"
    plan: Plan
    segments: tuple[str, ...] = ()
    window: str = ""


@dataclass(frozen=True)
class Recipe:
    """One version of one model, as the person who trained it would write it down.

    Attributes
    ----------
    user
        What MLflow knows the trainer by.
    build
        Makes the untrained estimator.
    replay
        What the trained version answers for the prediction log; None for nothing.
    served_by
        The container that answers, as tags say it: CPUs and memory in GB; empty for none.
    """

    model: str
    data: Callable[[], DataSet]
    build: Callable[[], Any]
    description: str
    user: str = "ada"
    limitations: str = ""
    splits: int = 0
    alias: str = ""
    replay: Callable[[], Replay] | None = None
    served_by: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Member:
    """A person of the demonstration."""

    key: str
    name: str
    email: str
    roles: tuple[Role, ...]
    team: str | None = None
    external_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Charge:
    """How one model of the demonstration is governed."""

    model: str
    owner: str
    team: str
    purpose: str
    intended_use: str
    tier: Tier
    tier_reason: str
    legal_class: str
    limitations: str = ""
    training_data: str = ""
    extra: dict[str, str] = field(default_factory=dict[str, str])
