"""The script keeps its contract: run with `python -m unittest discover -s tests`."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent.parent
IMPORTED = [n for n in ("xgboost", "torch") if f"import {n}" in (HERE / "train.py").read_text()]
MISSING = [name for name in IMPORTED if importlib.util.find_spec(name) is None]
SCHEMA = {"task": "classification", "target": "outcome", "time": "at", "id": "row"}


@unittest.skipIf(MISSING, f"{', '.join(MISSING)} cannot be imported here")
class Training(unittest.TestCase):
    def setUp(self):
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.job = Path(held.name)
        (self.job / "data").mkdir()
        self.give(pd.read_csv(HERE / "data" / "train.csv", parse_dates=["at"]))

    def give(self, rows):
        rows.to_parquet(self.job / "data" / "train.parquet")
        features = [name for name in rows.columns if name not in SCHEMA.values()]
        (self.job / "data" / "schema.json").write_text(json.dumps({**SCHEMA, "features": features}))

    def start(self):
        environment = {
            **os.environ,
            "COUNTERSIGN_JOB_DIR": str(self.job),
            "COUNTERSIGN_JOB_ATTEMPT": "1",
        }
        return subprocess.Popen(
            [sys.executable, "train.py"],
            cwd=HERE,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def train(self):
        process = self.start()
        said, _ = process.communicate(timeout=300)
        self.assertEqual(process.returncode, 0, said[-3000:])
        return said

    def result(self):
        return json.loads((self.job / "out" / "result.json").read_text())

    def test_it_leaves_a_model_and_fewer_rows_leave_another(self):
        said, first = self.train(), self.result()
        self.assertTrue((self.job / "out" / "model" / "MLmodel").is_file())
        self.assertGreater(first["metrics"]["auc"], 0.6)
        told = [line.partition("::countersign::")[2] for line in said.splitlines()]
        lines = [json.loads(each) for each in told if each]
        self.assertTrue(any("step" in line for line in lines))
        self.assertEqual([line["device"] for line in lines if "device" in line], [first["device"]])
        (self.job / "checkpoint" / "state.pickle").unlink()
        self.give(pd.read_csv(HERE / "data" / "train.csv", parse_dates=["at"]).iloc[:300])
        self.train()
        self.assertNotEqual(self.result()["metrics"], first["metrics"])

    def test_asked_to_stop_it_keeps_a_checkpoint_and_goes_on_from_it(self):
        process = self.start()
        while not (self.job / "checkpoint" / "state.pickle").is_file() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=300)
        if process.returncode == 0:
            self.skipTest("it was done before it could be asked")
        self.assertEqual(process.returncode, 143)
        self.assertFalse((self.job / "out" / "result.json").exists())
        self.assertIn('"resumed_from"', self.train())
        self.assertTrue((self.job / "out" / "result.json").is_file())


if __name__ == "__main__":
    unittest.main()
