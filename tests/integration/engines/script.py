"""The script of the conformance suite: obeys the contract of a training script, and breaks it on request."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time

FOLDER = os.environ["COUNTERSIGN_JOB_DIR"]
CHECKPOINT = os.path.join(os.environ["COUNTERSIGN_CHECKPOINT_DIR"], "step.json")
OUT = os.path.join(FOLDER, "out")


def say(**told: object) -> None:
    print("::countersign::" + json.dumps(told), flush=True)


def note(name: str, text: str) -> None:
    with open(os.path.join(OUT, name), "a") as file:
        file.write(text + "\n")


def save(step: int) -> None:
    with open(CHECKPOINT + ".new", "w") as file:
        json.dump({"step": step}, file)
    os.replace(CHECKPOINT + ".new", CHECKPOINT)


def steps(number: str) -> None:
    """Count on from the checkpoint; write one when asked to stop."""
    first = 0
    if os.path.exists(CHECKPOINT):
        with open(CHECKPOINT) as file:
            first = json.load(file)["step"]
        say(resumed_from={"step": first})
    reached = [first]

    def leave(*_: object) -> None:
        save(reached[0])
        say(left_at={"step": reached[0]})
        sys.exit(143)

    signal.signal(signal.Signals[os.environ["COUNTERSIGN_STOP_SIGNAL"]], leave)
    for step in range(first + 1, int(number) + 1):
        time.sleep(0.1)
        reached[0] = step
        save(step)
        say(step=step, metrics={"loss": 1 / step})
    note("result.json", json.dumps({"metrics": {"loss": 1 / reached[0]}}))


def environment() -> None:
    say(environment=dict(os.environ))
    print("to the other stream", file=sys.stderr)


def once() -> None:
    note("ran", str(os.getpid()))
    time.sleep(0.3)


def crash() -> None:
    raise ZeroDivisionError("this script was made to crash")


def leave(code: str) -> None:
    sys.exit(int(code))


def stubborn() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say(deaf=True)
    time.sleep(60)


def flood() -> None:
    while True:
        print("x" * 1023)


def family(seconds: str) -> None:
    """Leave behind a child, one in a session of its own, and one that was orphaned."""
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(["sleep", "60"], stdout=quiet, stderr=quiet)
    apart = subprocess.Popen(["sleep", "60"], start_new_session=True, stdout=quiet, stderr=quiet)
    orphan = subprocess.run(
        ["sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"], stdout=subprocess.PIPE, text=True
    )
    say(family=[child.pid, apart.pid, int(orphan.stdout)])
    time.sleep(float(seconds))


def burn(seconds: str) -> None:
    until = time.process_time() + float(seconds)
    while time.process_time() < until:
        sum(range(1000))


def hold(megabytes: str) -> None:
    """Take memory piece by piece, and touch it."""
    held = []
    for _ in range(int(megabytes) // 10):
        held.append(bytearray(os.urandom(1024)) * 10240)
        time.sleep(0.02)
    time.sleep(30)


def hold_below(megabytes: str) -> None:
    """As ``hold``, in two processes below this one, each of them within the limit."""
    half = str(int(megabytes) // 2)
    pair = [subprocess.Popen([sys.executable, *sys.orig_argv[1:-2], "hold", half]) for _ in "ab"]
    for each in pair:
        each.wait()


def alone(seconds: str) -> None:
    """Note if anybody else is at it; a lock that ends with its holder tells."""
    with open(os.path.join(OUT, "alone"), "a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note("overlapped", str(os.getpid()))
        time.sleep(float(seconds))


def take(megabytes: str) -> None:
    bytearray(int(megabytes) * 1024 * 1024)


def wait(seconds: str) -> None:
    note("ran", f"{os.getpid()} {os.environ.get('CUDA_VISIBLE_DEVICES', '')}")
    say(pid=os.getpid())
    time.sleep(float(seconds))
    note("ran", "done")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
