"""What the demonstration is made of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from services.kernel.identity import Role, Tier


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
    """

    name: str
    source: str
    task: str
    features: pd.DataFrame
    target: pd.Series
    protected: pd.DataFrame
    train: list[int]
    evaluation: list[int]
    favourable: int | None


@dataclass(frozen=True)
class Recipe:
    """One version of one model, as the person who trained it would write it down.

    Attributes
    ----------
    user
        What MLflow knows the trainer by.
    build
        Makes the untrained estimator.
    """

    model: str
    data: Callable[[], DataSet]
    build: Callable[[], Any]
    description: str
    user: str = "ada"
    limitations: str = ""
    splits: int = 0
    alias: str = ""


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
