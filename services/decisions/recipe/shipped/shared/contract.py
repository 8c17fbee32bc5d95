"""How a training script speaks with Countersign. One file, nothing else needed: copy it beside yours."""

import json
import os
import pickle
import shutil
import signal
import sys
from pathlib import Path

import pandas as pd

MARK, STOPPED = "::countersign::", 143


class Job:
    """The job this script was started for."""

    def __init__(self):
        self.folder = Path(os.environ["COUNTERSIGN_JOB_DIR"])
        self.schema = self._json("data/schema.json", {})
        self.parameters = self._json("parameters.json", {})
        self.search = self._json("data/search.json", None)
        self._asked_to_stop = False
        self._start = None
        self.checkpoint = Path(
            os.environ.get("COUNTERSIGN_CHECKPOINT_DIR", self.folder / "checkpoint")
        )
        asked = os.environ.get("COUNTERSIGN_STOP_SIGNAL", "SIGTERM")
        for name in {"SIGTERM", asked}:
            signal.signal(signal.Signals[name], self._stop)

    def rows(self):
        """Return the training rows; the holdout is not among them."""
        return pd.read_parquet(self.folder / "data" / "train.parquet")

    @property
    def previous(self):
        """Return the folder of the champion's model to go on from, or None."""
        found = self.folder / "data" / "previous"
        return found if (found / "MLmodel").is_file() else None

    def goes_on(self, words):
        """Say that the training goes on from the champion, and from what of it."""
        self._started({"warm": True, "words": words})

    def afresh(self, why):
        """Say why a training that was given the champion begins afresh all the same."""
        self._started({"warm": False, "words": why})

    def device(self, name):
        """Say what it is trained on: ``cpu``, or ``cuda:0`` and the name of the GPU."""
        self._say(device=name)

    def report(self, step, **metrics):
        """Say how far the training is, and stop here when that was asked for."""
        self._say(step=step, metrics={name: float(value) for name, value in metrics.items()})
        if self._asked_to_stop:
            sys.exit(STOPPED)

    def keep(self, step, state):
        """Write a checkpoint: whole or not at all. Call it before ``report``."""
        place = self.checkpoint / "state.pickle"
        self._write(place, pickle.dumps({"step": step, "state": state}))

    def kept(self):
        """Return the step and the state to go on from; (0, None) for a fresh start."""
        place = self.checkpoint / "state.pickle"
        if not place.is_file():
            return 0, None
        held = pickle.loads(place.read_bytes())  # ours: nobody else writes into this folder
        self._say(resumed_from={"step": held["step"]})
        return held["step"], held["state"]

    def model_folder(self):
        """Return where the model is saved: ``mlflow.….save_model(model, job.model_folder(), …)``."""
        place = self.folder / "out" / "model"
        shutil.rmtree(place, ignore_errors=True)
        return str(place)

    def finish(self, metrics, device, rows, folds=None):
        """Write the result; it comes last, since it says that all is there.

        ``folds`` are the values of a metric on folds of the training rows: ``{"auc": [0.71, 0.73]}``.
        """
        told = {"metrics": metrics, "device": device, "rows": rows, "folds": folds or {}}
        if self._start:
            told["start"] = self._start
        self._write(self.folder / "out" / "result.json", json.dumps(told).encode())

    def _started(self, start):
        self._start = start
        self._say(start=start)

    def _stop(self, *_):
        self._asked_to_stop = True

    def _json(self, name, otherwise):
        place = self.folder / name
        return json.loads(place.read_text()) if place.is_file() else otherwise

    def _write(self, place, data):
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = place.with_name(f".{place.name}.partial")
        partial.write_bytes(data)
        partial.replace(place)

    def _say(self, **words):
        print(MARK + json.dumps(words), flush=True)
