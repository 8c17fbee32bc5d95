"""From the journal into Parquet files: each row into exactly one, whatever happens in between."""

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute

from services.facts.prediction import frame, repository, segment
from services.facts.prediction.fsspec_adapter import PartFolder
from services.facts.prediction.journal import Journal, parsed
from services.facts.prediction.types import LogFile, Stream
from services.kernel.error import Conflict
from services.kernel.identity import SYSTEM
from services.record.trail.unit_of_work import Store

MOST_ROWS = 250_000
_compute: Any = pyarrow.compute


class Filing:
    """Writes files, and the ledger of them.

    Notes
    -----
    Four steps: a span of rows is chosen and kept (the same one after a crash); the file is written
    under the digest of its rows; the ledger and the trail note it in one transaction; the journal lets
    go of the bodies. Two that do so at once write the same file, and one of them notes it. Readers know a file by the ledger alone, and read a row once that stands in both.
    """

    def __init__(self, store: Store, journal: Journal, folder: PartFolder) -> None:
        self._store, self._journal, self._folder = store, journal, folder

    def file(self, model: str, stream: Stream, day: date) -> LogFile | None:
        """Move the next rows of a segment into a file; None when it holds no more.

        Raises
        ------
        SourceUnavailable
            When a place takes no file; the rows stay where they are.
        """
        with self._journal.segment(model, stream, day) as connection:
            after, until = segment.begin(connection, MOST_ROWS)
            if until == after:
                return None
            digest = hashlib.sha256()
            lines = _digested(segment.lines(connection, (after, until)), digest)
            table = frame.gathered(parsed(*told) for told in lines)
            if len(table) < until - after:  # somebody else wrote them meanwhile
                return None
            written = self._write(model, stream, day, table, digest.hexdigest())
            self._note(written)
            segment.clear(connection, until)
        return written

    def _write(
        self, model: str, stream: Stream, day: date, table: pa.Table, rows_sha256: str
    ) -> LogFile:
        said = {
            "countersign.model": model,
            "countersign.stream": stream.value,
            "countersign.day": str(day),
        }
        name = quote(model, safe=" ").replace(".", "%2E")
        path = f"{stream}/model={name}/day={day.isoformat()}/part-{rows_sha256[:32]}.parquet"
        size, sha256 = self._folder.write(path, table.replace_schema_metadata(said))
        bounds = _compute.min_max(table.column("at")).as_py()
        return LogFile(
            sha256, model, stream, day, path, len(table), size, rows_sha256, bounds["min"], bounds["max"]
        )  # fmt: skip

    def _note(self, file: LogFile) -> None:
        """Note a file; one whose rows somebody else noted meanwhile stays noted once."""
        with contextlib.suppress(Conflict), self._store.unit(SYSTEM) as unit:
            seq = unit.event(
                f"{file.stream}:ingested",
                ("model", file.model),
                day=file.day.isoformat(),
                path=file.path,
                rows=file.rows,
                bytes=file.bytes,
                sha256=file.sha256,
                rows_sha256=file.rows_sha256,
            )
            repository.add(unit.session, file, seq, unit.now)


def _digested(lines: Iterator[tuple[str, str, str]], digest: Any) -> Iterator[tuple[str, str, str]]:
    for told in lines:
        digest.update("\t".join(told).encode() + b"\n")
        yield told
