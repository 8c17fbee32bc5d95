"""Making a ticket's folder ready: rows, code, environment, parameters, and the run in MLflow."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from services.decisions.recipe.types import Recipe
from services.decisions.retraining.types import Ticket
from services.facts.registry.types import DataInput
from services.kernel.error import Conflict
from services.record.canonical import canonical
from services.workflows.retraining.crash import crash
from services.workflows.retraining.keeping import Held
from services.workflows.retraining.ports import Parts, Prepared, Rows
from services.workflows.retraining.runs import Runs

MARK = "prepared.json"
OUT = "out"
Say = Callable[[str], None]


class Preparing:
    """Makes a ticket ready to be tried, once; done halfway it is done again."""

    def __init__(self, parts: Parts, runs: Runs) -> None:
        self._at, self._runs = parts, runs

    def known(self, ticket: Ticket) -> Prepared | None:
        """Return what a ticket is tried with; None while it is not ready."""
        path = self._at.folder(ticket.ticket_id) / MARK
        if not path.is_file() or not ticket.run_id:
            return None
        held = json.loads(path.read_text(encoding="utf-8"))
        command = tuple(str(word) for word in held.pop("command"))
        return Prepared(command=command, **held)

    def prepare(self, ticket: Ticket, recipe: Recipe, held: Held, say: Say, log: Path) -> None:
        """Make a ticket ready.

        Parameters
        ----------
        log
            Where the words of whoever builds the environment are appended.

        Raises
        ------
        Conflict
            When the rows, or the code, are not those that were quoted.
        """
        folder = self._at.folder(ticket.ticket_id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        rows = self._rows(ticket, recipe, folder, say)
        held.refuse()
        say("Bringing code and environment")
        ready = self._at.workshop(recipe, ticket, folder, log, lambda: self._stopping(ticket, held))
        held.check()
        crash("environment_made")
        for name in (recipe.keeps.dir, OUT):
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(folder / "parameters.json", canonical(dict(ticket.parameters)))
        self._previous(ticket, recipe, folder, say)
        self._run(ticket, recipe, rows, held)
        ready = replace(ready, data_sha256=rows.sha256)
        _write(folder / MARK, canonical(asdict(ready)))
        say(f"Ready: code {ready.code_sha256[:12]}…, {rows.rows:,} rows {rows.sha256[:12]}…")

    def _stopping(self, ticket: Ticket, held: Held) -> bool:
        """Tell whether nobody waits for it any more."""
        with self._at.store.reading() as session:
            recalled = self._at.tickets.get(session, ticket.ticket_id).recalled_by
        return bool(recalled) or held.lost.is_set()

    def _rows(self, ticket: Ticket, recipe: Recipe, folder: Path, say: Say) -> Rows:
        say("Reading the training rows and hashing them again")
        rows = self._at.data.load(recipe, ticket)
        if ticket.data is None or rows.sha256 != ticket.data.sha256:
            raise Conflict(
                "The training rows are not those that were quoted and approved "
                f"(SHA-256 {rows.sha256[:12]}…); nothing was trained, open a new ticket."
            )
        beside = folder / f".data.{os.getpid()}"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(mode=0o700)
        try:
            self._at.data.write(recipe, rows, beside)
            shutil.rmtree(folder / "data", ignore_errors=True)
            beside.replace(folder / "data")
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return rows

    def _previous(self, ticket: Ticket, recipe: Recipe, folder: Path, say: Say) -> None:
        """Bring the champion's files for a recipe that goes on from its weights."""
        if not recipe.warm_start or ticket.base is None:
            return
        say(f"Bringing {ticket.base.label} to go on from")
        into = folder / "data" / "previous"
        self._at.tracking.download_version(ticket.base.name, ticket.base.version, into)

    def _run(self, ticket: Ticket, recipe: Recipe, rows: Rows, held: Held) -> None:
        run_id = self._runs.once(ticket, held)
        source = recipe.data.uri.partition("?")[0].rpartition("@")[2]
        data = DataInput(recipe.name, "training", rows.sha256, source)
        self._at.tracking.log_input(run_id, data)
        said = {name: str(value) for name, value in ticket.parameters.items()}
        self._at.tracking.log(run_id, self._at.store.clock.now(), params=said)


def environments_in_use(jobs: Path) -> frozenset[str]:
    """Return the digests of the environments that tickets under way are tried in.

    Raises
    ------
    OSError, ValueError
        When what a ticket was made ready with cannot be read: then nobody can tell.
    """
    found = (
        json.loads(each.read_text(encoding="utf-8")) for each in jobs.glob(f"tickets/*/{MARK}")
    )
    return frozenset(str(each["environment_sha256"]) for each in found)


def _write(path: Path, content: bytes) -> None:
    """Put a file in its place, whole."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)
