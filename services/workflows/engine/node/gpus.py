"""Writes down, every few seconds, what the allocated GPUs of a node say of themselves.

Started by ``attend.py`` where GPUs were allocated, and ended by it; says nothing where no GPU speaks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

EVERY = 5.0
BUSY = 0.2
_ASKED = "--query-gpu=index,name,utilization.gpu,memory.used,memory.total,power.draw"


def look() -> list[dict[str, Any]]:
    """Return what each GPU says; a GPU that says not enough is left out."""
    only = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    done = subprocess.run(
        ["nvidia-smi", _ASKED, "--format=csv,noheader,nounits", *(["-i", only] if only else [])],  # noqa: S607 - where it is differs by node
        capture_output=True, text=True, timeout=10, check=True,
    )  # fmt: skip
    return [gpu for line in done.stdout.splitlines() if (gpu := parsed(line)) is not None]


def seen() -> list[dict[str, Any]]:
    """Return what each GPU says; nothing where the driver does not answer this time."""
    try:
        return look()
    except (OSError, subprocess.SubprocessError):
        return []


def parsed(line: str) -> dict[str, Any] | None:
    """Return one GPU from a line of nvidia-smi; None for one that says not enough."""
    parts = [part.strip() for part in line.split(",")]
    try:
        index, busy, used, total = int(parts[0]), *map(float, parts[2:5])
        watts = float(parts[5]) if parts[5].replace(".", "", 1).isdigit() else None
    except (ValueError, IndexError):
        return None
    return {
        "index": index, "name": parts[1], "busy": busy / 100, "memory_mb": used,
        "memory_total_mb": total, "power_watts": watts,
    }  # fmt: skip


def main(target: Path, allocated: int) -> None:
    """Look until it is ended."""
    shares: list[float] = []
    idle_since: float | None = None
    while True:
        gpus = seen()
        shares += [gpu["busy"] for gpu in gpus]
        idle = len(gpus) >= allocated and all(gpu["busy"] < BUSY for gpu in gpus)
        idle_since = (idle_since or time.time()) if idle else None
        share = sum(shares) / len(shares) if shares else None
        facts = {
            "at": time.time(),
            "gpus": gpus,
            "gpu_busy_share": share,
            "gpu_idle_since": idle_since,
        }
        aside = target.with_suffix(".gpus")
        aside.write_text(json.dumps(facts), encoding="utf-8")
        aside.replace(target)
        time.sleep(EVERY)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), int(sys.argv[2]))
    except OSError:
        sys.exit(1)
