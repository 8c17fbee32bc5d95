"""Asking a version for its answers, through the sandbox."""

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from services.facts.explanation.service import Explained
from services.facts.scoring import sandbox
from services.facts.scoring.inspection import digest_of, inspect
from services.facts.scoring.types import Limit, LimitExceeded, Limits, SandboxLevel, Scores
from services.kernel.error import IntegrityBroken

BACKGROUND = 100


class Scorer:
    """Loads versions where they can do no harm.

    Parameters
    ----------
    level
        None for what the machine offers.
    """

    def __init__(self, limits: Limits | None = None, level: SandboxLevel | None = None) -> None:
        self.limits = limits or Limits()
        self.level = level or sandbox.detect().level

    def score(
        self,
        model: Path,
        rows: pd.DataFrame,
        task: str,
        work: Path,
        *,
        trusted: bool = False,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Scores:
        """Return a version's answers to some rows.

        Parameters
        ----------
        model
            Its downloaded folder.
        rows
            (n, m) the features, in the order of the evaluation set.
        work
            An empty folder for the job.
        trusted
            Whether the policy lets it be loaded where there are limits only.

        Raises
        ------
        LimitExceeded
            Naming the limit; at level S0 an untrusted version is refused before it is loaded.
        IntegrityBroken
            When the files changed while it was loaded.
        """
        job = {"do": "score", "task": task}
        result = self._run(model, rows, job, work, trusted=trusted, should_stop=should_stop)
        with np.load(work / "answer.npz", allow_pickle=False) as held:
            outputs = held["outputs"]
        pairs = tuple((str(name), str(version)) for name, version in result["libraries"])
        return Scores(outputs, tuple(result["classes"]), pairs, result["latency_ms"])

    def explain(
        self,
        model: Path,
        rows: pd.DataFrame,
        seed: int,
        work: Path,
        *,
        trusted: bool = False,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> Explained:
        """Return SHAP values of some rows; see :meth:`score`.

        Raises
        ------
        LimitExceeded
            When the version was stopped, or models of its kind are not explained.
        """
        job = {"do": "explain", "task": "", "seed": seed, "background": BACKGROUND}
        result = self._run(model, rows, job, work, trusted=trusted, should_stop=should_stop)
        with np.load(work / "answer.npz", allow_pickle=False) as held:
            values, output = held["values"], held["output"]
        return Explained(
            values,
            float(result["base"]),
            output,
            tuple(result["features"]),
            str(result["space"]),
            str(result["explainer"]),
            int(result["background_rows"]),
        )

    def _run(
        self,
        model: Path,
        rows: pd.DataFrame,
        job: dict[str, Any],
        work: Path,
        *,
        trusted: bool,
        should_stop: Callable[[], bool],
    ) -> dict[str, Any]:
        flavour = inspect(model)
        if self.level is SandboxLevel.S0 and not trusted:
            raise LimitExceeded(
                Limit.REFUSED,
                "The version was refused before it was loaded: this machine offers limits only "
                "(level S0), and no policy says 'trusted'.",
            )
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(model, work / "model")
        before = digest_of(work / "model")
        rows.to_parquet(work / "rows.parquet", index=False)
        parts = {key: value for key, value in asdict(flavour).items() if key != "runs_code"}
        asked = {**job, **parts, "level": self.level.value}
        result = sandbox.run(work, asked, self.limits, should_stop)
        if digest_of(work / "model") != before:
            raise IntegrityBroken("The files of the version changed while it was loaded.")
        return result
