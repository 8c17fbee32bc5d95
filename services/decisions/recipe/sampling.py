"""Rows to begin with: invented, seeded, and with something to learn in them."""

import io
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
from pyarrow import csv

from services.decisions.recipe.writing import Sample
from services.facts.training_data.columns import normalised
from services.facts.training_data.hashing import digest

TRAIN, HOLDOUT, SEED = 600, 200, 7
START = datetime(2026, 1, 1, tzinfo=UTC)


def sample() -> Sample:
    """Return 600 rows to train on and 200 later ones to compare on; the same every time."""
    random = np.random.default_rng(SEED)
    n = TRAIN + HOLDOUT
    amount = random.gamma(2.0, 1500.0, n).round(2)
    age = random.integers(18, 80, n)
    region = random.choice(["north", "south", "west"], n)
    leaning = (amount - 3000) / 1500 + (region == "south") - (age - 45) / 40
    outcome = (random.random(n) < 1 / (1 + np.exp(-leaning))).astype(int)
    rows = pa.table(
        {
            "row": [f"r{number}" for number in range(n)],
            "at": pa.array([START + timedelta(hours=number) for number in range(n)]),
            "amount": amount,
            "age": age,
            "region": region.tolist(),
            "outcome": outcome,
        }
    )
    train, holdout = _csv(rows.slice(0, TRAIN)), _csv(rows.slice(TRAIN))
    return Sample(train, holdout, digest(normalised(csv.read_csv(io.BytesIO(holdout)))))


def _csv(rows: pa.Table) -> bytes:
    held = io.BytesIO()
    csv.write_csv(rows, held)
    return held.getvalue()
