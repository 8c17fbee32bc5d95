"""Questions over many days of the log that nobody worked out before; loaded by the worker alone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa

from services.facts.prediction.asked import Asked
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
    with _opened(filesystem) as connection:
        parts = _parts(connection, files, waiting, "name IN ($one, $other)", one=value[0], other=segment)  # fmt: skip
        return _answer(connection, parts, value, segment, most, version)


def asked(files: Sequence[str], filesystem: Any, waiting: pa.Table | None) -> list[Asked]:
    """Return how often each version was asked, by version; see ``PredictionQuestions.asked``.

    Raises
    ------
    IntegrityBroken, SourceUnavailable
        When a file is damaged, or cannot be read.
    """
    if not files and waiting is None:
        return []
    with _opened(filesystem) as connection:
        parts = _parts(connection, files, waiting, f"starts_with(name, 'f_') OR name IN {_TOLD}")
        features = sorted({n for _, types, _ in parts for n in types if n.startswith("f_")})
        told = " UNION ALL ".join(_question(source, types, features) for source, types, _ in parts)
        given = {f"part{n}": its for n, (_, _, its) in enumerate(parts) if its}
        connection.execute(f"CREATE TEMP TABLE told AS {told}", given)
        hours: dict[int, dict[int, int]] = defaultdict(dict)
        for version, hour, n in connection.execute(_HOURS).fetchall():
            hours[int(version)][int(hour)] = int(n)
        found = connection.execute(_ASKED).fetchall()
    return [
        Asked(
            version, n, inputs, distinct, int(by_day or 0), seconds, p50, p95, timed, hours[version]
        )
        for version, n, inputs, distinct, by_day, seconds, p50, p95, timed in found
    ]  # fmt: skip


_TOLD = "('input_sha256', 'latency_ms', 'version')"
_HOURS = "SELECT version, hour, count(*) FROM told GROUP BY ALL ORDER BY ALL"
_ASKED = """
    WITH days AS (
        SELECT version, sum(n) AS n FROM (
            SELECT version, hour // 24 AS day, count(DISTINCT input) AS n FROM told GROUP BY ALL)
        GROUP BY ALL)
    SELECT version, count(*), count(input), count(DISTINCT input), any_value(days.n),
           avg(latency) / 1000, median(latency), quantile_cont(latency, 0.95), count(latency)
    FROM told JOIN days USING (version) GROUP BY ALL ORDER BY version"""


def _question(source: str, types: Mapping[str, str], features: Sequence[str]) -> str:
    words = [f"coalesce({_word(name, types)}, chr(30))" for name in features]
    known = any(name in types for name in features)
    inputs = f"hash(concat_ws(chr(31), {', '.join(words)}))" if known else "NULL"
    if "input_sha256" in types:
        inputs = f"CASE WHEN input_sha256 IS NULL THEN {inputs} ELSE hash(input_sha256) END"
    latency = '"latency_ms"' if "latency_ms" in types else "NULL"
    return f"""SELECT epoch_us("at") // 3600000000 AS hour, "version" AS version,
               CAST({latency} AS DOUBLE) AS latency, CAST({inputs} AS UBIGINT) AS input
               FROM {source} WHERE "version" IS NOT NULL"""


@contextmanager
def _opened(filesystem: Any) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:", config={"memory_limit": MEMORY}) as connection:
        if filesystem is not None:
            connection.register_filesystem(filesystem)
        try:
            yield connection
        except duckdb.InvalidInputException as error:
            words = "A file of the prediction log is damaged; restore it from a backup."
            raise IntegrityBroken(words, error=str(error)) from error
        except (duckdb.IOException, OSError) as error:
            words = "A file of the prediction log cannot be read; is its place reachable?"
            raise SourceUnavailable(words, error=str(error)) from error


_Part = tuple[str, Mapping[str, str], list[str] | None]


def _parts(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[str],
    waiting: pa.Table | None,
    which: str,
    **values: str,
) -> list[_Part]:
    """Return the files by the types of some columns: 7 in one file and 7.0 in another are one word."""
    alike: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    if files:
        told = f"""SELECT file_name, map_from_entries(list((name, type) ORDER BY name) FILTER ({which}))
                   FROM parquet_schema($files) GROUP BY 1 ORDER BY 1"""
        for file, types in connection.execute(told, {"files": list(files), **values}).fetchall():
            alike[tuple((types or {}).items())].append(file)
    found: list[_Part] = [
        (f"read_parquet($part{place})", dict(types), its)
        for place, (types, its) in enumerate(alike.items())
    ]
    if waiting is not None:
        connection.register("waiting", waiting)
        found.append(("waiting", {f.name: str(f.type) for f in waiting.schema}, None))
    return found


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
