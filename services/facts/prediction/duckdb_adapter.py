"""Questions over many days of the log that nobody worked out before; loaded by the worker alone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from services.kernel.error import IntegrityBroken, InvalidInput, SourceUnavailable

MEMORY = "768MB"
_FLOATS = ("DOUBLE", "double")
EMPTY = pa.table(
    {
        "day": pa.array([], pa.date32()),
        "segment": pa.array([], pa.string()),
        "n": pa.array([], pa.int64()),
        "values": pa.array([], pa.list_(pa.null())),
    }
)


def grouped(
    files: Sequence[str],
    filesystem: Any,
    waiting: pa.Table | None,
    value: tuple[str, str],
    segment: str,
    most: int,
    *,
    version: int | None = None,
) -> pa.Table:
    """Return the values of a column by day and segment.

    Parameters
    ----------
    files
        Full addresses of Parquet files; columns are matched by name.
    filesystem
        What opens them, None for local ones.
    waiting
        Rows that are in no file.
    value
        A column and its kind, ``number`` or ``category``.
    segment
        The column that splits; rows without a value in it are left out.
    most
        Segments, the largest ones over all days.
    version
        Only rows of this version; None: of all.

    Returns
    -------
    Columns ``day``, ``segment`` (text), ``n`` and ``values`` (a list, nulls included), by day and
    segment.

    Raises
    ------
    InvalidInput
        When no row has one of the columns.
    IntegrityBroken, SourceUnavailable
        When a file is damaged, or cannot be read.
    """
    if not files and waiting is None:
        return EMPTY
    with duckdb.connect(":memory:", config={"memory_limit": MEMORY}) as connection:
        if filesystem is not None:
            connection.register_filesystem(filesystem)
        try:
            parts = _parts(connection, files, (value[0], segment))
            if waiting is not None:
                connection.register("waiting", waiting)
                parts.append(("waiting", {f.name: str(f.type) for f in waiting.schema}, None))
            return _answer(connection, parts, value, segment, most, version)
        except duckdb.InvalidInputException as error:
            words = "A file of the prediction log is damaged; restore it from a backup."
            raise IntegrityBroken(words, error=str(error)) from error
        except (duckdb.IOException, OSError) as error:
            words = "A file of the prediction log cannot be read; is its place reachable?"
            raise SourceUnavailable(words, error=str(error)) from error


_Part = tuple[str, Mapping[str, str], list[str] | None]


def _parts(
    connection: duckdb.DuckDBPyConnection, files: Sequence[str], names: tuple[str, str]
) -> list[_Part]:
    """Return the files by the types of two columns: 7 in one file and 7.0 in another are one word."""
    if not files:
        return []
    asked = """SELECT file_name, map_from_entries(
                 list((name, type) ORDER BY name) FILTER (name IN ($one, $other)))
               FROM parquet_schema($files) GROUP BY 1 ORDER BY 1"""
    values = {"files": list(files), "one": names[0], "other": names[1]}
    alike: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    for file, types in connection.execute(asked, values).fetchall():
        alike[tuple((types or {}).items())].append(file)
    return [
        (f"read_parquet($part{place})", dict(types), its)
        for place, (types, its) in enumerate(alike.items())
    ]


def _answer(
    connection: duckdb.DuckDBPyConnection,
    parts: Sequence[_Part],
    value: tuple[str, str],
    segment: str,
    most: int,
    version: int | None,
) -> pa.Table:
    for name in (value[0], segment):
        if not any(name in types for _, types, _ in parts):
            raise InvalidInput(f"No row has {name!r}.")
    given: dict[str, Any] = {f"part{n}": its for n, (_, _, its) in enumerate(parts) if its}
    chosen = ""
    if version is not None:
        given["version"], chosen = version, 'WHERE "version" = $version'
    told = " UNION ALL ".join(
        f"""SELECT epoch_us("at") // 86400000000 AS day, {_word(segment, types)} AS segment,
            {_number(value[0], types) if value[1] == "number" else _word(value[0], types)} AS value
            FROM {source} {chosen}"""
        for source, types, _ in parts
    )
    asked = f"""
        WITH told AS ({told}),
        top AS (
            SELECT segment FROM told WHERE segment IS NOT NULL
            GROUP BY segment ORDER BY count(*) DESC, segment LIMIT $most)
        SELECT DATE '1970-01-01' + CAST(day AS INTEGER) AS day, segment, count(*) AS n,
               list(value) AS "values"
        FROM told SEMI JOIN top USING (segment) GROUP BY ALL ORDER BY day, segment"""
    return connection.sql(asked, params={**given, "most": most}).to_arrow_table()


def _number(name: str, types: Mapping[str, str]) -> str:
    return f"TRY_CAST({_quoted(name)} AS DOUBLE)" if name in types else "CAST(NULL AS DOUBLE)"


def _word(name: str, types: Mapping[str, str]) -> str:
    text = f"CAST({_quoted(name)} AS VARCHAR)" if name in types else "CAST(NULL AS VARCHAR)"
    return f"regexp_replace({text}, '\\.0$', '')" if types.get(name) in _FLOATS else text


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
