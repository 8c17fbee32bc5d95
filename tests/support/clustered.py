"""A ticket carried out on a cluster: its attendant killed in the middle, gone on with, registered once."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.decisions.retraining.types import AttemptState, TicketState
from services.kernel.identity import SYSTEM
from services.standards.engine.types import Connection
from services.workflows.retraining.ports import JOB_TAG
from tests.support.forge import Forge, open_forge, saved_model

WITHIN = 60.0


@contextmanager
def forge_on(connection: Connection, model: str, folder: Path, mlflow: str) -> Iterator[Forge]:
    """Yield a workspace in which a model trains on an engine."""
    saved = saved_model(folder / "saved")
    forge = open_forge(folder / "home", mlflow)
    forge.services.engine_settings.set_as(SYSTEM, connection)
    forge.policy()
    forge.model(model, saved)
    forge.recipe(model, saved, steps=20, pause=0.2, more=f"engine: {connection.name}")
    try:
        yield forge
    finally:
        forge.tracking.close()
        forge.services.store.database.close()


class Killer(threading.Thread):
    """Kills what attends to the first attempt of a ticket, once it has printed its third step."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self._folder = folder
        self.killed = False

    def run(self) -> None:
        until = time.monotonic() + WITHIN
        while not self.killed and time.monotonic() < until:
            time.sleep(0.05)
            for log in self._folder.glob("attempts/*/log"):
                if b'"step": 3' in log.read_bytes():
                    begun = json.loads((log.parent / "begun.json").read_text())
                    os.kill(begun["pid"], signal.SIGKILL)
                    self.killed = True


def killed_and_registered(forge: Forge, model: str) -> None:
    """Carry a ticket out to its end, with a kill in the middle of its first attempt."""
    ticket = forge.ticket(model)
    assert ticket.state is TicketState.QUEUED
    killer = Killer(forge.parts.folder(ticket.ticket_id))
    killer.start()
    ended = forge.carry_out(ticket)
    assert killer.killed
    assert ended.state is TicketState.REGISTERED, ended.state_reason
    lost, last = forge.attempts(ticket)
    assert (lost.state, last.state) == (AttemptState.LOST, AttemptState.SUCCEEDED)
    assert b"resumed_from" in forge.services.archive.get(last.log_sha256 or "")
    assert len(forge.tracking.versions_tagged(model, JOB_TAG, ticket.ticket_id)) == 1
    assert forge.tracking.alias(model, "champion") == 1
