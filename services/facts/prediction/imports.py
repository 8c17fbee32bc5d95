"""Which files of rows were imported: the same file sent twice is known, and stores nothing."""

import hashlib
from datetime import datetime

from services.facts.prediction.fsspec_adapter import opened
from services.facts.prediction.types import Stream
from services.kernel.identity import Actor
from services.record.trail.service import Trail
from services.record.trail.unit_of_work import Store

IMPORTED = "predictions:imported"
_PART = 1 << 20


class Imports:
    """Files by the digest of their bytes.

    Notes
    -----
    An import is its entry in the trail, and stands nowhere else. Only a file that was stored to its
    last row is noted; one with rows that were refused is read again.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._trail = store, Trail(store)

    def known_since(self, model: str, stream: Stream, sha256: str) -> datetime | None:
        """Return when a file was stored as rows of a model; None where it was not."""
        with self._store.reading() as session:
            found = self._trail.search(session, action=IMPORTED, subject=("file", sha256))
        about = {"model": model, "stream": stream.value}
        return next((each.at for each in found if about.items() <= each.payload.items()), None)

    def note(self, actor: Actor, model: str, stream: Stream, sha256: str, rows: int) -> None:
        """Note a file that was stored to its last row."""
        with self._store.unit(actor) as unit:
            unit.event(IMPORTED, ("file", sha256), model=model, stream=stream.value, rows=rows)


def digest_of(place: str) -> str:
    """Return the SHA-256 of a file of any place.

    Raises
    ------
    InvalidInput
        When it is not there, or nobody here opens such an address.
    """
    digest = hashlib.sha256()
    with opened(place) as file:
        while part := file.read(_PART):
            digest.update(part)
    return digest.hexdigest()
