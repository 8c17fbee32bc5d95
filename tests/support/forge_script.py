"""A training of a few steps: checkpoint, resume, result; the standard library only."""

import fcntl
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

MARK = "::countersign::"
job = Path(os.environ["COUNTERSIGN_JOB_DIR"])
wanted = json.loads((job / "parameters.json").read_text())
place = job / "checkpoint" / "state.json"
step = json.loads(place.read_text())["step"] if place.exists() else 0
number = int(os.environ["COUNTERSIGN_JOB_ATTEMPT"])


def say(**words: object) -> None:
    print(MARK + json.dumps(words), flush=True)


def keep() -> None:
    aside = place.with_suffix(".tmp")
    aside.write_text(json.dumps({"step": step}))
    aside.replace(place)


def stop(*_: object) -> None:
    keep()
    sys.exit(143)


def note(word: str) -> None:
    """Say in the storm's trace what begins here, and whether another runs beside it."""
    if not wanted["trace"]:
        return
    target = os.open(wanted["trace"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.write(target, f"{word} {os.environ['COUNTERSIGN_JOB_ID']} {number}\n".encode())
    os.close(target)


signal.signal(signal.SIGTERM, stop)
note("start")
alone = (job / "alone.lock").open("w")
try:
    fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    note("beside")
say(device="cpu")
if (job / "data" / "previous" / "MLmodel").is_file():
    print("goes on from the champion's weights", flush=True)
if step:
    say(resumed_from={"step": step})
while step < wanted["steps"]:
    time.sleep(wanted["pause"])
    if number == 1 and step == wanted["fail_at"]:
        print("the first attempt falls over", flush=True)
        sys.exit(3)
    step += 1
    keep()
    falling = 1.0 / step
    losses = {"falling": falling, "nan": float("nan"), "flat": 0.5, "silent": None}
    loss = losses[wanted["losses"]]
    if loss is not None:
        print(f"printed_at {time.time()}", flush=True)
        say(step=step, metrics={"loss": loss})
out = job / "out"
shutil.rmtree(out / "model", ignore_errors=True)
shutil.copytree(job / "code" / "model", out / "model.aside", dirs_exist_ok=True)
(out / "model.aside").replace(out / "model")
aside = out / "result.aside"
aside.write_text(json.dumps({"metrics": {"loss": 1.0 / step}, "device": "cpu", "rows": 100}))
aside.replace(out / "result.json")
