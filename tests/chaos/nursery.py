"""Where reconcilers come from: everything is imported once, and each is a fork of that."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from tests.chaos.reconciler import Spec, main
from tests.support.workspace import ROOT


class Nursery:
    """A process that forks reconcilers, from the side of whoever asks for them."""

    def __init__(self, log: Path) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")}
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"], cwd=ROOT,
            env={**kept, "PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._log, text=True,
        )  # fmt: skip

    def bear(self, spec: Spec, environment: dict[str, str]) -> int:
        """Start a reconciler; return its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([asdict(spec), environment]) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it; what it bore is killed by whoever keeps the ids."""
        self._process.kill()
        self._process.communicate()
        self._log.close()


def serve() -> None:
    """Fork for every line that is read."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: the kernel buries them
    for line in sys.stdin:
        spec, environment = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            os.environ.update(environment)
            os._exit(main(Spec(**spec)))
        print(pid, flush=True)


if __name__ == "__main__":
    serve()
