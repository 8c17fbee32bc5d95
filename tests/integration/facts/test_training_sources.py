"""Training rows from where teams keep them: PostgreSQL that is only read, and Delta tables by version."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from services.facts.training_data import sql_adapter
from services.facts.training_data.loading import TrainingRows
from services.facts.training_data.signs import sign
from services.facts.training_data.types import Source
from services.kernel.error import InvalidInput, SourceUnavailable
from tests.support.databases import postgres_database

FRAME = pd.DataFrame(
    {
        "flight": ["a", "b", "c"],
        "at": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"], utc=True),
        "distance": [1.5, 2.5, 3.5],
        "late": [0, 1, 1],
    }
)
QUERY = "SELECT * FROM flights ORDER BY flight"


def source(uri: str, query: str = "") -> Source:
    return Source(uri, "late", time="at", id="flight", query=query)


@pytest.fixture
def rows() -> TrainingRows:
    nothing: Any = None
    return TrainingRows(nothing)


@pytest.fixture
def parquet(tmp_path: Path) -> str:
    FRAME.to_parquet(tmp_path / "rows.parquet")
    return str(tmp_path / "rows.parquet")


@pytest.fixture(scope="module")
def warehouse(postgres: str) -> Any:
    with postgres_database(postgres, "warehouse_of_rows") as url:
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            FRAME.to_sql("flights", connection, index=False)
        engine.dispose()
        yield f"sql+{url}"


def test_the_same_rows_in_postgresql_and_in_a_file_have_one_digest(
    warehouse: str, parquet: str, rows: TrainingRows
) -> None:
    found = rows.load(source(warehouse, QUERY))
    assert found.rows == 3
    assert found.sha256 == rows.load(source(parquet)).sha256
    assert sign(source(warehouse, QUERY)) == ""


def test_postgresql_is_only_read_and_not_for_ever(warehouse: str) -> None:
    changing = "WITH gone AS (DELETE FROM flights RETURNING 1) SELECT count(*) FROM gone"
    for query, seconds in ((changing, 10.0), ("SELECT pg_sleep(30)", 0.2)):
        with pytest.raises(SourceUnavailable):
            sql_adapter.read(warehouse, query, seconds)
    assert sql_adapter.read(warehouse, "SELECT count(*) AS n FROM flights")["n"].to_pylist() == [3]


def test_a_delta_table_is_read_at_its_version_and_says_when_it_is_another(
    tmp_path: Path, parquet: str, rows: TrainingRows
) -> None:
    deltalake = pytest.importorskip("deltalake", reason="deltalake is not installed")
    place = tmp_path / "table"
    deltalake.write_deltalake(str(place), pa.Table.from_pandas(FRAME, preserve_index=False))
    first = source(f"delta+{place}")
    before, found = sign(first), rows.load(first)
    assert found.sha256 == rows.load(source(parquet)).sha256
    more = FRAME.assign(flight=["d", "e", "f"])
    table = pa.Table.from_pandas(more, preserve_index=False)
    deltalake.write_deltalake(str(place), table, mode="append")
    assert sign(first) != before
    assert rows.load(first).rows == 6
    assert rows.load(source(f"delta+{place}@0")).sha256 == found.sha256
    with pytest.raises(InvalidInput, match="no Delta table"):
        rows.load(source(f"delta+{tmp_path / 'nothing'}"))
