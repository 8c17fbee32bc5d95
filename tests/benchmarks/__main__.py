"""Run every benchmark; each writes its figures to var/bench/NAME.json."""

import sys

from tests.benchmarks import (
    cost,
    drift,
    drift_page,
    fleet,
    ingest,
    models,
    pages,
    registry,
    retraining,
    sessions,
    tickets,
    watch,
    web,
)


def main() -> int:
    """Run all, or those named."""
    wanted = sys.argv[1:] or [
        "web",
        "registry",
        "models",
        "pages",
        "drift",
        "drift_page",
        "ingest",
        "retraining",
        "tickets",
        "sessions",
        "fleet",
        "watch",
        "cost",
    ]
    rooms = {
        "web": web.main,
        "registry": registry.main,
        "models": models.main,
        "pages": pages.main,
        "drift": drift.main,
        "drift_page": drift_page.main,
        "ingest": ingest.main,
        "retraining": retraining.main,
        "tickets": tickets.main,
        "sessions": sessions.main,
        "fleet": fleet.main,
        "watch": watch.main,
        "cost": cost.main,
    }
    for name in wanted:
        print(f"── {name}", flush=True)
        rooms[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
