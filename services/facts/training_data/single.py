"""How much each feature alone tells of the target."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from services.facts.training_data.columns import is_number, numbers
from services.facts.training_data.storing import task_of
from services.facts.training_data.types import Snapshot

Floats = npt.NDArray[np.float64]
MOST_ROWS = 200_000
"""Of more rows the first so many of a seeded draw are looked at; ranks of all of them cost minutes."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How much one feature tells.

    Attributes
    ----------
    value
        AUC in [0.5, 1] or absolute rank correlation in [0, 1]; None where the feature or the target is
        the same in every row.
    raw
        The counts it is worked out from.
    """

    feature: str
    metric: str
    value: float | None
    n: int
    method: str
    raw: dict[str, Any]

    @property
    def words(self) -> str:
        """Return what it is called."""
        return "AUC" if self.metric == "leakage.single_feature_auc" else "rank correlation"


@dataclass(frozen=True, slots=True)
class Single:
    """Every feature alone, the most telling first."""

    measure: str
    features: tuple[Strength, ...]


def strongest(train: Snapshot, holdout: Snapshot) -> Single:
    """Return how much each feature alone tells of the target, on the rows of the holdout.

    Notes
    -----
    *Classes*: the area under the ROC curve of the feature, in the direction that is more than a half; of
    several classes the largest of one class against the others. *Amounts*: the absolute rank correlation
    (Spearman 1904). A missing number is smaller than every other, so that a value which is there only
    where the outcome is positive tells as well. A text is the mean of the target over the training rows
    that have it, that of all rows where none has: a text that is another in every row tells nothing.
    """
    regression = task_of(train) == "regression"
    told = _Told(train, holdout, regression=regression)
    found = [told.of(name) for name in train.features]
    found.sort(key=lambda each: (-(each.value or 0.0), each.feature))
    return Single("rho" if regression else "auc", tuple(found))


class _Told:
    """The target on both sides, as numbers: an amount, or one column for each class."""

    def __init__(self, train: Snapshot, holdout: Snapshot, *, regression: bool) -> None:
        self._train, self._holdout, self._regression = train.table, _drawn(holdout), regression
        target = train.source.target
        self._classes: list[Any] = []
        if not regression:
            seen = {
                *self._train.column(target).to_pylist(),
                *self._holdout.column(target).to_pylist(),
            }
            self._classes = sorted(seen - {None}, key=str)
            if len(self._classes) == 2:
                self._classes = self._classes[1:]
        self._learned, self._truth = (
            self._columns(each, target) for each in (self._train, self._holdout)
        )

    def _columns(self, held: Any, target: str) -> list[Floats]:
        if self._regression:
            return [numbers(held, target)]
        values = held.column(target).to_pylist()
        return [np.array([float(v == each) for v in values]) for each in self._classes]

    def of(self, name: str) -> Strength:
        """Return how much a feature tells: of its most told class, where there are several."""
        tried = [
            self._amount(name, learned, truth)
            if self._regression
            else self._class(name, learned, truth, place)
            for place, (learned, truth) in enumerate(zip(self._learned, self._truth, strict=True))
        ]
        return max(tried, key=lambda each: each.value or 0.0)

    def _values(self, name: str, learned: Floats) -> Floats:
        if name in self._train.column_names and self._is_text(name):
            return _means(
                self._train.column(name).to_pylist(),
                learned,
                self._holdout.column(name).to_pylist(),
            )
        values = numbers(self._holdout, name)
        return np.where(np.isnan(values), -np.inf, values)

    def _is_text(self, name: str) -> bool:
        return str(self._train.schema.field(name).type) == "large_string" and not is_number(
            self._train, name
        )

    def _class(self, name: str, learned: Floats, truth: Floats, place: int) -> Strength:
        values, positive = self._values(name, learned), truth == 1
        m, n = int(positive.sum()), int((~positive).sum())
        raw: dict[str, Any] = {"feature": name, "class": self._classes[place], "positives": m, "negatives": n, "u": None}  # fmt: skip
        if not m or not n or np.all(values == values[0]):
            return Strength(name, "leakage.single_feature_auc", None, m + n, "mann-whitney", raw)
        u = float(stats.rankdata(values)[positive].sum() - m * (m + 1) / 2)
        area = u / (m * n)
        return Strength(name, "leakage.single_feature_auc", max(area, 1 - area), m + n, "mann-whitney", {**raw, "u": u})  # fmt: skip

    def _amount(self, name: str, learned: Floats, truth: Floats) -> Strength:
        known = ~np.isnan(truth)
        values, truth = self._values(name, learned)[known], truth[known]
        one, two = (stats.rankdata(each) - (len(truth) + 1) / 2 for each in (values, truth))
        sums = {"xy": float(one @ two), "xx": float(one @ one), "yy": float(two @ two)}
        raw: dict[str, Any] = {"feature": name, "n": len(truth), **sums}
        scale = np.sqrt(sums["xx"] * sums["yy"])
        rho = abs(sums["xy"]) / float(scale) if scale else None
        return Strength(name, "leakage.single_feature_rho", rho, len(truth), "spearman", raw)


def _drawn(held: Snapshot) -> Any:
    if held.rows <= MOST_ROWS:
        return held.table
    chosen = np.sort(np.random.default_rng(0).choice(held.rows, MOST_ROWS, replace=False))
    return held.table.take(chosen)


def _means(texts: list[str | None], learned: Floats, asked: list[str | None]) -> Floats:
    """Return for each text asked about the mean of the target over the training rows that have it."""
    places: dict[str | None, int] = {}
    codes = np.array([places.setdefault(each, len(places)) for each in texts])
    known = ~np.isnan(learned)
    sums = np.bincount(codes[known], learned[known], minlength=len(places))
    counts = np.bincount(codes[known], minlength=len(places))
    overall = float(learned[known].mean()) if known.any() else 0.0
    mean = np.divide(sums, counts, out=np.full(len(places), overall), where=counts > 0)
    return np.array([mean[places[each]] if each in places else overall for each in asked])
