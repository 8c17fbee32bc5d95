"""Which GPUs this machine has."""

import os
import re
import subprocess
from collections.abc import Mapping
from functools import cache

from services.workflows.engine.local import nvml_adapter

PRETENDED = "COUNTERSIGN_TEST_GPUS"
"""``4`` or ``4:H100``: places for tests, which nothing stands behind and nobody looks at."""
_LINE = re.compile(r"GPU (\d+): (.+?)(?: \(UUID: .*\))?")


def detect(variables: Mapping[str, str] | None = None) -> dict[int, str]:
    """Return the names of the GPUs by index, as the driver numbers them."""
    pretended = (os.environ if variables is None else variables).get(PRETENDED)
    if pretended is not None:
        number, _, name = pretended.partition(":")
        return dict.fromkeys(range(int(number)), name or "test")
    return dict(_found())


@cache
def _found() -> dict[int, str]:
    """Return what this process found when it asked first: asking a driver may take a second."""
    return nvml_adapter.names() or _told_by_the_tool()


def _told_by_the_tool() -> dict[int, str]:
    """Return what ``nvidia-smi`` lists, where the library finds no driver."""
    try:
        done = subprocess.run(
            ["nvidia-smi", "-L"],  # noqa: S607 (it is where the driver was installed)
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return listed(done.stdout) if done.returncode == 0 else {}


def listed(text: str) -> dict[int, str]:
    """Return the GPUs of a list as ``nvidia-smi -L`` prints it."""
    found = (_LINE.fullmatch(line.strip()) for line in text.splitlines())
    return {int(each[1]): each[2] for each in found if each}
