"""A process that moves tickets on and kills itself at any point: ``python -m tests.chaos.reconciler SPEC``."""

import json
import os
import random
import sys
import threading
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from services.decisions.retraining.lease import Fences
from services.kernel.error import CountersignError, SourceUnavailable
from services.workflows.retraining import guarding, service
from services.workflows.retraining.service import Retraining
from tests.support.forge import Forge, open_forge
from tests.support.trivial import trivial

THREADS = 3


@dataclass(frozen=True)
class Spec:
    """What a reconciler works on.

    Attributes
    ----------
    lease_seconds
        For how long a ticket waits for whoever drove it.
    instant
        Whether trainings are over as soon as they begin.
    """

    home: str
    mlflow: str
    database: str
    lease_seconds: float
    instant: bool = False


def forge_of(spec: Spec) -> Forge:
    """Return the workspace with leases that run out soon."""
    forge = open_forge(Path(spec.home), spec.mlflow, spec.database, fresh=False)
    fences = Fences(forge.services.store, timedelta(seconds=spec.lease_seconds))
    parts = replace(forge.parts, fences=fences)
    return replace(forge, parts=trivial(parts) if spec.instant else parts)


def work(forge: Forge, retraining: Retraining, failures: list[str]) -> None:
    """Move tickets on until none is left."""
    tasks, chance = forge.services.tasks, random.Random(os.urandom(8))
    while True:
        try:
            left = [each for each in tasks.open("batch") if each.kind == "retraining"]
            if not left:
                return
            ready = retraining.may_begin(left)
            if not ready:
                time.sleep(0.1)
                continue
            task = chance.choice(ready)
            if tasks.start(task.task_id):
                retraining.advance(task.task_id)
        except SourceUnavailable:
            time.sleep(0.2)
        except CountersignError as error:
            failures.append(repr(error))
            raise


def main(spec: Spec) -> int:
    """Work in several threads; whoever sees a wrong error says so and ends everything."""
    guarding.FIRST_PAUSE, guarding.LONGEST_PAUSE, service.ELSEWHERE = 0.05, 0.3, 0.1
    forge, failures = forge_of(spec), list[str]()
    retraining = Retraining(forge.parts)

    def died(raised: threading.ExceptHookArgs) -> None:
        line = f"{raised.exc_type.__name__}: {raised.exc_value}"
        target = os.open(Path(spec.home) / "failures", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        os.write(target, f"{line}\n".encode())
        sys.__excepthook__(raised.exc_type, raised.exc_value, raised.exc_traceback)  # type: ignore[arg-type]
        os._exit(1)

    threading.excepthook = died
    threads = [
        threading.Thread(target=work, args=(forge, retraining, failures)) for _ in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0


if __name__ == "__main__":
    os._exit(main(Spec(**json.loads(sys.argv[1]))))
