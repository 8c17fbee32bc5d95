"""Loading the rows that a training takes: which, in which order, under which digest."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from services.facts.training_data import files, logged, sql_adapter
from services.facts.training_data.columns import INSTANT, compute, normalised, together
from services.facts.training_data.hashing import digest
from services.facts.training_data.types import Snapshot, Source, Window, WindowKind
from services.kernel.error import Conflict, InvalidInput


class TrainingRows:
    """Where training rows come from.

    Parameters
    ----------
    log
        The prediction log, for addresses ``predictions:MODEL``.
    seconds
        How long a query of a database may take.
    """

    def __init__(self, log: logged.LoggedRows, seconds: float = sql_adapter.SECONDS) -> None:
        self._log, self._seconds = log, seconds

    def load(self, source: Source, as_of: datetime | None = None) -> Snapshot:
        """Return the rows of a source: its window, those without a target left out.

        Parameters
        ----------
        as_of
            Of the prediction log only what was received until then, so that the rows a ticket was quoted
            for come out again while new ones arrive; None: everything.

        Raises
        ------
        InvalidInput
            When an address cannot be read, or lacks a column that the source names.
        SourceUnavailable
            When a place does not answer; try again.
        """
        parts = [
            (uri, _chosen(source, normalised(self._read(source, uri, as_of)), uri))
            for uri in source.uris
        ]
        uri, newest = parts[-1]
        held = together([*parts[:-1], (uri, rolled(newest, source.window, source.time))])
        known = held.filter(compute.is_valid(held.column(source.target)))
        found = windowed(known, source.window, source.time)
        return snapshot(source, found, held.num_rows - known.num_rows)

    def holdout(self, source: Source, uri: str, sha256: str) -> Snapshot:
        """Return the rows that no training sees, with the columns of a source.

        Raises
        ------
        Conflict
            When they are not those whose digest is pinned.
        """
        plain = Source(uri, source.target, time=source.time, id=source.id, query=source.query if uri.startswith(sql_adapter.PREFIX) else "")  # fmt: skip
        found = self.load(plain)
        if found.sha256 != sha256:
            raise Conflict(
                f"The holdout {uri} has the digest {found.sha256[:12]}… now, and {sha256[:12]}… is "
                "pinned; put the pinned rows back, or publish a recipe with another holdout."
            )
        return found

    def _read(self, source: Source, uri: str, as_of: datetime | None) -> pa.Table:
        if uri.startswith(logged.PREFIX):
            return self._log.rows(source, uri.removeprefix(logged.PREFIX), as_of)
        if uri.startswith(sql_adapter.PREFIX):
            return sql_adapter.read(uri, source.query, self._seconds)
        return files.read(uri)


def snapshot(source: Source, held: pa.Table, left_out: int = 0) -> Snapshot:
    """Return rows with their digest and the stretch they cover."""
    first = last = None
    if source.time and held.num_rows:
        ends = compute.min_max(held.column(source.time)).as_py()
        first, last = (
            None if ends[each] is None else _aware(ends[each]) for each in ("min", "max")
        )
    return Snapshot(source, held, digest(held), first, last, left_out)


def require(found: Snapshot, sha256: str) -> None:
    """Refuse rows that are not those that a ticket was quoted for.

    Raises
    ------
    Conflict
        When their digest is another.
    """
    if found.sha256 != sha256:
        raise Conflict(
            f"The training rows have the digest {found.sha256[:12]}… now, and the ticket was approved "
            f"for {sha256[:12]}…; open a new ticket."
        )


def _aware(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _chosen(source: Source, held: pa.Table, uri: str) -> pa.Table:
    """Return the columns that a source names, each of which must be there."""
    named = [name for name in (source.target, source.time, source.id) if name]
    wanted = [*(source.columns or [n for n in held.column_names if n not in named]), *named]
    for name in wanted:
        if name not in held.column_names:
            raise InvalidInput(f"{uri} has no column {name!r}.")
    if source.time and held.schema.field(source.time).type != INSTANT:
        held = _as_instants(held, source.time, uri)
    return held.select(list(dict.fromkeys(wanted)))


def _as_instants(held: pa.Table, name: str, uri: str) -> pa.Table:
    """Return the table with a column of texts as instants; without a zone they are in UTC."""
    column, place = held.column(name), held.column_names.index(name)
    for wanted in (INSTANT, pa.timestamp("us")) if column.type == pa.large_string() else ():
        try:
            instants = column.cast(wanted)
        except pa.ArrowInvalid:
            continue
        return held.set_column(place, name, normalised(pa.table({name: instants})).column(name))
    raise InvalidInput(f"The column {name!r} of {uri} holds no instants.")


def rolled(held: pa.Table, window: Window, time: str) -> pa.Table:
    """Return the rows of a rolling window, in the order as given; of another window all of them.

    Notes
    -----
    It counts back from the newest row with ``until`` before it, not from today, so that the same rows
    come out whenever they are read.
    """
    if window.until is not None:
        held = held.filter(compute.less(held.column(time), pa.scalar(window.until, INSTANT)))
    if window.kind is WindowKind.ROLLING and window.days is not None and held.num_rows:
        newest = compute.max(held.column(time)).as_py()
        since = pa.scalar(newest - timedelta(days=window.days), INSTANT)
        held = held.filter(compute.greater(held.column(time), since))
    return held


def windowed(held: pa.Table, window: Window, time: str) -> pa.Table:
    """Return the rows before ``until`` and, of a sampled window, those drawn, in the order as given."""
    if window.until is not None:
        held = held.filter(compute.less(held.column(time), pa.scalar(window.until, INSTANT)))
    if (
        window.kind is WindowKind.SAMPLED
        and window.rows is not None
        and held.num_rows > window.rows
    ):
        random = np.random.default_rng(window.seed)
        chosen = np.sort(random.choice(held.num_rows, window.rows, replace=False))
        held = held.take(pa.array(chosen))
    return held
