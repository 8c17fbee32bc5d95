"""The real worker over a forge, and rows that its own checks let pass."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from services.decisions.retraining.types import Cause, Ticket, Trigger
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.types import Source
from tests.support.forge import Forge
from tests.support.workspace import ROOT


def data_for(folder: Path) -> dict[str, Any]:
    """Return training rows and a holdout as a recipe names them."""
    train, holdout = rows(folder, "train.parquet", 400, 1), rows(folder, "holdout.parquet", 300, 2)
    nobody: Any = None
    sha256 = TrainingRows(nobody).load(Source(str(holdout), "late")).sha256
    return {"data": str(train), "holdout": str(holdout), "sha256": sha256}


def asked(forge: Forge, model: str, key: str) -> Ticket:
    """Open a ticket; the worker quotes it and carries it out."""
    cause = Cause(Trigger.MANUAL, f"{model}:{key}", "The winter changed what flights look like.")
    ticket = forge.services.tickets.open_as(model, cause)
    assert isinstance(ticket, Ticket)
    return ticket


def rows(folder: Path, name: str, number: int, seed: int) -> Path:
    """Write rows whose outcome no single feature tells."""
    random = np.random.default_rng(seed)
    a, b = random.normal(size=number), random.normal(size=number)
    late = (a + b + random.normal(size=number) > 0).astype("int64")
    pd.DataFrame({"a": a, "b": b, "late": late}).to_parquet(folder / name, index=False)
    return folder / name


def worker(forge: Forge, log: Path) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERSIGN_", "MLFLOW_"))}
    settings = forge.services.settings
    environment = {
        **kept,
        "COUNTERSIGN_HOME": str(settings.home),
        "COUNTERSIGN_MLFLOW_URI": settings.mlflow,
        "COUNTERSIGN_TEST_LEASE_SECONDS": "4",
        "PYTHONPATH": str(ROOT),
    }
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "services.bootstrap.worker", "--lane", "batch"],
            cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
