"""Two files, a limit, an exit code: between staging and production, without a server."""

import json
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from scipy import stats

from services.cli.columns import opened
from services.cli.main import main

N = 4_000


def table(seed: int, shift: float = 0.0) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "age": generator.normal(shift, 1, N),
            "visits": generator.poisson(3, N),
            "region": generator.choice(["north", "south"], N, p=[0.5, 0.5]),
        }
    )


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    made = {"reference": table(1), "same": table(2), "moved": table(3, 0.6)}
    for name, frame in made.items():
        frame.to_parquet(tmp_path / f"{name}.parquet")
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    return {name: str(tmp_path / f"{name}.parquet") for name in made}


def check(files: dict[str, str], current: str, *more: str) -> int:
    given = files.get(current, current)
    return main(["drift", "check", files["reference"], given, *more])


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_within_the_limit_is_yes_and_beyond_is_no(files: dict[str, str]) -> None:
    assert check(files, "same", "--metric", "ks", "--limit", "0.2") == 0
    assert check(files, "moved", "--metric", "ks", "--limit", "0.2") == 1
    assert check(files, "moved", "--limit", "0.5") == 0
    assert check(files, "same", "--alpha", "0.05") == 0
    assert check(files, "moved", "--alpha", "0.05") == 1
    for metric, limit in (("psi", "0.1"), ("jensen_shannon", "0.1")):
        assert check(files, "same", "--metric", metric, "--limit", limit) == 0
        assert check(files, "moved", "--metric", metric, "--limit", limit) == 1


def test_the_numbers_are_scipys(files: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    check(files, "moved", "--limit", "0.2", "--json")
    found = {each["feature"]: each for each in told(capsys)["features"]}
    one, two = table(1), table(3, 0.6)
    for name in ("age", "visits"):
        exact = stats.ks_2samp(one[name], two[name], method="asymp")
        assert found[name]["value"] == pytest.approx(exact.statistic, abs=1e-12)
        assert found[name]["p_value"] == pytest.approx(exact.pvalue, rel=0.15, abs=1e-12)
    counts = pd.crosstab(pd.concat([one, two])["region"], [0] * N + [1] * N)
    chi = stats.chi2_contingency(counts, correction=False)
    assert found["region"]["p_value"] == pytest.approx(chi.pvalue)
    assert found["region"]["metric"] == "drift.largest_change"
    assert [name for name, each in found.items() if each["moved"]] == ["age"]


def test_a_csv_says_the_same_as_a_parquet_file(files: dict[str, str]) -> None:
    for name, code in (("same", 0), ("moved", 1)):
        assert check(files, files[name].replace(".parquet", ".csv"), "--limit", "0.2") == code


def test_what_cannot_be_told_is_never_a_yes(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lacking, few, empty = (str(tmp_path / f"{name}.parquet") for name in ("l", "f", "e"))
    table(2).drop(columns="region").to_parquet(lacking)
    table(2).head(50).to_parquet(few)
    table(2).assign(age=None).astype({"age": float}).to_parquet(empty)
    for current in (lacking, few, empty):
        assert check(files, current, "--limit", "0.2") == 2
        assert "?" in capsys.readouterr().out
    both = str(tmp_path / "b.parquet")
    table(3, 0.6).drop(columns="region").to_parquet(both)
    assert check(files, both, "--limit", "0.2") == 1  # what is known to have moved has moved


def test_missing_new_and_added_are_shown_beside_the_distance(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = table(2).assign(colour="red")
    frame.loc[: N // 2 - 1, "age"] = np.nan
    frame.loc[: N // 4 - 1, "region"] = "west"
    current = str(tmp_path / "c.parquet")
    frame.to_parquet(current)
    assert check(files, current, "--limit", "0.3", "--json") == 0
    answer = told(capsys)
    found = {each["feature"]: each for each in answer["features"]}
    assert found["age"]["missing"] == 0.5
    assert found["region"]["new"] == 0.25
    assert answer["columns_added"] == ["colour"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", b"x"), ("absent.csv", None), ("cut.parquet", b"PAR1 cut off")]
)
def test_a_file_that_cannot_be_read_is_named(
    files: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: Any,
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    assert check(files, str(path), "--limit", "0.2") == 2
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [("--alpha", "2"), ("--limit", "-1"), ("--limit", "nan")])
def test_a_limit_that_cannot_be_is_refused(files: dict[str, str], wrong: tuple[str, str]) -> None:
    assert check(files, "same", *wrong) == 2


def test_of_a_parquet_file_one_column_is_in_memory_at_a_time(tmp_path: Path) -> None:
    rows, columns = 100_000, 48
    generator = np.random.default_rng(5)
    held = pa.table({f"x.{n}": generator.normal(size=rows) for n in range(columns)})
    place = tmp_path / "wide.parquet"
    parquet.write_table(held, place, row_group_size=50_000)
    whole = held.nbytes
    del held
    reset = pa.total_allocated_bytes()
    seen: list[int] = []
    file = opened(str(place))
    for name in file.schema.names:
        assert len(file.column(name)) == rows
        seen.append(pa.total_allocated_bytes() - reset)
    assert max(seen) < whole / 4


def test_a_column_that_is_damaged_names_its_file(
    tmp_path: Path, files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = bytearray(Path(files["same"]).read_bytes())
    damaged[4:64] = bytes(60)
    place = tmp_path / "damaged.parquet"
    place.write_bytes(damaged)
    assert check(files, str(place), "--limit", "0.2") == 2
    assert "damaged.parquet cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_file_at_an_address_says_the_same(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    memory = fsspec.filesystem("memory")
    for name, place in files.items():
        local = place.replace(".parquet", ending)
        memory.pipe_file(f"/{name}{ending}", Path(local).read_bytes())
    for name, code in (("same", 0), ("moved", 1)):
        local = main(
            ["drift", "check", files["reference"], files[name], "--limit", "0.2", "--json"]
        )
        here = told(capsys)
        there = [f"memory://{each}{ending}" for each in ("reference", name)]
        assert (main(["drift", "check", *there, "--limit", "0.2", "--json"]), local) == (code, code)
        assert told(capsys) == here


def test_an_address_that_leads_nowhere_is_said_in_one_sentence(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    fsspec.filesystem("memory").pipe_file("/torn.parquet", b"PAR1 and no more")
    for place, words in (
        ("memory://nobody.parquet", "is not there"),
        ("nonsense://x.parquet", "is no address that can be opened here"),
        ("memory://torn.parquet", "cannot be read"),
    ):
        assert check(files, place, "--limit", "0.2") == 2
        (line,) = capsys.readouterr().err.strip().splitlines()
        assert f"{place} {words}" in line
