"""Points at which a test may kill or stop this process; nothing happens unless a test asks."""

import os
import signal

from services.workflows.promotion.service import CRASH

SHARE = "COUNTERSIGN_TEST_CRASH_SHARE"
PAUSE = "COUNTERSIGN_TEST_PAUSE_AT"


def crash(point: str) -> None:
    """Kill this process at a named point or, by chance, at any; stop it where a test wakes it."""
    share = float(os.environ.get(SHARE, "0"))
    if os.environ.get(CRASH) == point or (share and os.urandom(1)[0] < share * 256):
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get(PAUSE) == point:
        os.environ.pop(PAUSE)
        os.kill(os.getpid(), signal.SIGSTOP)
