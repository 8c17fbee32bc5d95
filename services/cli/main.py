"""``countersign NOUN VERB``: one entry for everything."""

import argparse
import os
import sys
from collections.abc import Sequence

from services.kernel.error import CountersignError

COULD_NOT_TELL = 2
NOBODY_READS = 141
"""What a shell calls a command whose reader left, as ``head`` does."""


def parser() -> argparse.ArgumentParser:
    """Return the grammar of the command line."""
    from services.cli import (
        alert,
        budget,
        cost,
        drift,
        gate,
        grid,
        hook,
        incident,
        ingest,
        listing,
        people,
        predictions,
        price,
        recipe,
        state,
        ticket,
        trail,
    )

    made = argparse.ArgumentParser(
        prog="countersign", description="Governance for machine-learning models."
    )
    nouns = made.add_subparsers(dest="noun", required=True, metavar="NOUN")
    up = nouns.add_parser("up", help="start the console, its worker and an embedded MLflow server")
    up.set_defaults(run=_up)
    worker = nouns.add_parser("worker", help="the worker alone")
    worker.add_subparsers(dest="verb", required=True).add_parser("run").set_defaults(run=_worker)
    migrate = nouns.add_parser("migrate", help="bring the governance database to this release")
    migrate.set_defaults(run=_migrate)
    for room in (
        state,
        people,
        gate,
        trail,
        listing,
        predictions,
        ingest,
        drift,
        alert,
        incident,
        recipe,
        ticket,
        budget,
        cost,
        price,
        grid,
        hook,
    ):
        room.add(nouns)
    return made


def _up(_: argparse.Namespace) -> int:
    from services.cli.up import main as up
    from services.settings import read_settings

    return up(read_settings())


def _worker(_: argparse.Namespace) -> int:
    from services.bootstrap.worker import main as worker

    sys.argv = ["countersign-worker"]
    return worker()


def _migrate(_: argparse.Namespace) -> int:
    from services.migrations.run import head, upgrade
    from services.settings import read_settings

    upgrade(read_settings().database)
    print(f"The governance database stands at {head()}.")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return 0 for yes, 1 for judged no, 2 for could not tell or wrong usage."""
    given = parser().parse_args(arguments)
    try:
        code = int(given.run(given))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except CountersignError as error:
        print(error.message, file=sys.stderr)
        return COULD_NOT_TELL
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
