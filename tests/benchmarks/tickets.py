"""Tickets through the real worker: from allowed to running, from printed to the page."""

import os
import signal
import statistics
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from services.decisions.retraining.types import Ticket
from services.record.trail.service import Trail
from tests.benchmarks.figures import Figure, write
from tests.support.forge import Forge, open_forge, saved_model
from tests.support.forge_worker import asked, data_for, worker
from tests.support.mlflow import mlflow_server

MODELS, WAIT = 4, 300.0


def carried_out(forge: Forge, model: str) -> Ticket:
    """Open a ticket and wait until it is over."""
    ticket, deadline = asked(forge, model, "bench"), time.monotonic() + WAIT
    while not forge.standing(ticket).is_over:
        assert time.monotonic() < deadline, forge.standing(ticket)
        time.sleep(0.2)
    return forge.standing(ticket)


def to_process(forge: Forge, ticket: Ticket) -> float:
    """Return the seconds from the instant that a ticket was allowed until its training ran."""
    with forge.services.store.reading() as session:
        (event,) = Trail(forge.services.store).search(
            session, action="ticket:quoted", subject=("ticket", ticket.ticket_id)
        )
    started = forge.attempts(ticket)[0].started_at
    assert started is not None
    return (started - event.at).total_seconds()


def watch_lines(forge: Forge, ticket: Ticket) -> list[float]:
    """Return how long each line took from the script to the table that pages read, while it runs."""
    took: dict[int, float] = {}
    chosen = sa.text("SELECT begins, text FROM attempt_log")
    while not forge.standing(ticket).is_over:
        with forge.services.store.reading() as session:
            pieces = session.execute(chosen).all()
        now = time.time()
        for begins, text in pieces:
            said = [part.split()[0] for part in text.split("printed_at ")[1:]]
            if said and begins not in took:
                took[begins] = now - float(said[0])
        time.sleep(0.05)
    return list(took.values())


def main() -> None:
    """Measure and write."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "mlflow").mkdir()
        saved = saved_model(folder / "saved")
        with mlflow_server(folder / "mlflow") as url:
            forge = open_forge(folder / "home", url)
            forge.policy()
            for number in range(MODELS):
                forge.model(f"late-{number}", saved)
                forge.recipe(f"late-{number}", saved, **data_for(folder), steps=20, pause=0.2)
            process = worker(forge, folder / "worker.log")
            try:
                carried_out(forge, "late-0")
                waits = [
                    to_process(forge, carried_out(forge, f"late-{n}")) for n in range(1, MODELS - 1)
                ]
                lines = watch_lines(forge, asked(forge, f"late-{MODELS - 1}", "lines"))
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=60)
            forge.close()
    write(
        "tickets",
        [
            Figure("ticket_to_process_s", statistics.median(waits), "s", "<= 3"),
            Figure("log_line_s", max(lines), "s", "<= 2"),
        ],
    )


if __name__ == "__main__":
    main()
