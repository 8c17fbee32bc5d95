"""The car loans of NannyML's documentation, out of its wheel; its code is never run."""

import io
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest

WHEEL = "nannyml==0.13.1"
CHUNK = 5_000
_CACHE = Path(tempfile.gettempdir()) / "countersign-tests"


@dataclass(frozen=True)
class Loans:
    """The reference, and the ten chunks of what came later with their outcomes."""

    reference: pd.DataFrame
    chunks: tuple[pd.DataFrame, ...]


@lru_cache(maxsize=1)
def car_loans() -> Loans:
    """Return the rows; the test that asks is skipped where the package index cannot be reached."""
    if not list(_CACHE.glob("nannyml-*.whl")):
        command = [sys.executable, "-m", "pip", "download", "-q", WHEEL, "--no-deps", "-d", _CACHE]
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        if done.returncode:
            pytest.skip("NannyML's wheel cannot be fetched")
    with zipfile.ZipFile(next(_CACHE.glob("nannyml-*.whl"))) as wheel:
        names = ("reference", "analysis", "analysis_target")
        held, later, truth = (
            pd.read_csv(io.BytesIO(wheel.read(f"nannyml/datasets/data/synthetic_car_loan_{name}.csv")))
            for name in names
        )  # fmt: skip
    later["repaid"] = truth["repaid"]
    starts = range(0, len(later), CHUNK)
    return Loans(held, tuple(later.iloc[start : start + CHUNK] for start in starts))
