"""Files of costs into the ledger: a piece a transaction, each charge once."""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from functools import partial
from typing import BinaryIO

from sqlmodel import Session

from services.facts.cost import bills, focus, opencost, plain
from services.facts.cost.charge import Piece
from services.facts.cost.imported import Imported
from services.facts.cost.service import Ledger
from services.facts.prediction.fsspec_adapter import opened
from services.facts.prediction.imports import digest_of
from services.kernel.error import InvalidInput
from services.kernel.identity import Actor
from services.record.storage.alone import alone
from services.record.trail.unit_of_work import Store

Reader = Callable[[str, BinaryIO], Iterator[Piece]]
FORMS: Mapping[str, Reader] = {
    "focus": focus.pieces,
    "opencost": opencost.pieces,
    "csv": plain.pieces,
}


class CostImports:
    """Files of costs by the digest of their bytes."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self._store, self._ledger = store, ledger

    def focus(self, actor: Actor, place: str, *, again: bool = False) -> Imported:
        """Import a FOCUS file; see :meth:`take`."""
        return self.take(actor, "focus", place, again=again)

    def take(
        self, actor: Actor, form: str, place: str, *, currency: str = "", again: bool = False
    ) -> Imported:
        """Import a file; event ``cost:imported`` for each piece and for the whole.

        Parameters
        ----------
        form
            One of :data:`FORMS`.
        place
            A path, or any address that files are read from.
        currency
            For forms that do not say theirs; empty means US dollars.
        again
            Read also a file that is known.

        Raises
        ------
        InvalidInput
            When it cannot be read; pieces before the fault are in the ledger, and are known when the
            whole file is imported.

        Notes
        -----
        A charge that stands in the same file twice is two charges; a charge of a later export is the
        same one where all but its figures is the same. Where those differ, the difference is added as
        a correction: the file that was imported last is in force.
        """
        told = Imported(place, digest_of(place), form)
        return self._read(actor, told, _reader(form, currency), partial(opened, place), again=again)

    def take_bytes(
        self, actor: Actor, form: str, name: str, data: bytes, *, currency: str = ""
    ) -> Imported:
        """Import what was sent, or fetched; see :meth:`take`."""
        told = Imported(name, hashlib.sha256(data).hexdigest(), form)
        return self._read(
            actor, told, _reader(form, currency), lambda: nullcontext(io.BytesIO(data))
        )

    def known_since(self, session: Session, sha256: str) -> datetime | None:
        """Return when a file was imported to its last row; None where it was not."""
        return bills.known_since(session, sha256)

    def all(self, session: Session) -> list[bills.Bill]:
        """Return what was imported, the newest first."""
        return bills.all_of(session)

    def _read(
        self,
        actor: Actor,
        told: Imported,
        reader: Reader,
        source: Callable[[], AbstractContextManager[BinaryIO]],
        *,
        again: bool = False,
    ) -> Imported:
        with self._store.reading() as session:
            told.known_since = None if again else self.known_since(session, told.sha256)
        if told.known_since is not None:
            return told
        with source() as file:
            for piece in reader(told.name, file):
                self._add(actor, piece, told)
        with self._store.unit(actor) as unit:
            bills.note(unit, told)
        return told

    def _add(self, actor: Actor, piece: Piece, told: Imported) -> None:
        with self._store.unit(actor) as unit:
            alone(unit.session, "cost:imported")
            added = self._ledger.take(unit, piece.lines, told.sha256)
        told.note(piece, added)


def _reader(form: str, currency: str) -> Reader:
    if form not in FORMS:
        raise InvalidInput(f"{form!r} is no form of costs; write one of {', '.join(FORMS)}.")
    if form == "opencost" and currency:
        return partial(opencost.pieces, currency=currency)
    if currency:
        raise InvalidInput(f"A {form} file says its currencies itself; leave the currency out.")
    return FORMS[form]
