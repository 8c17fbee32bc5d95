"""The one contract of the instrument, run by Ray Data: the same numbers to the last bit."""

import importlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from services.facts.drift import codec, rules
from services.facts.drift.types import Binning
from tests.benchmarks.streams import wide

ROWS, BATCH = 12_000, 5_000
STORE_BYTES = 80_000_000


@pytest.fixture
def ray() -> Iterator[Any]:
    """Yield a Ray of this process, with nothing of it left afterwards."""
    pytest.importorskip("ray.data", reason="Ray is not installed")
    found: Any = importlib.import_module("ray")
    found.init(num_cpus=2, include_dashboard=False, object_store_memory=STORE_BYTES)
    try:
        yield found
    finally:
        found.shutdown()


def packed(table: pa.Table, binnings: dict[str, Binning]) -> pa.Table:
    """Return the profiles of one batch as bytes, with the place of its first row."""
    (batch,) = table.combine_chunks().to_batches()
    found = rules.profile_batch(batch, binnings)
    first = table.column("row")[0].as_py()
    bodies = [codec.pack_profile(each) for each in found.values()]
    return pa.table({"row": [first] * len(found), "feature": list(found), "profile": bodies})


@pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.data", "ignore::ResourceWarning")
def test_ray_data_finds_the_same_profiles_to_the_last_bit(ray: Any) -> None:
    table = wide(3, ROWS, numbers=6, categories=2).append_column("row", pa.array(range(ROWS)))
    binnings: dict[str, Binning] = {
        name: rules.category_binning(table.column(name).to_pylist())
        if name.startswith("c_")
        else rules.numeric_binning(table.column(name).to_numpy())
        for name in table.schema.names
    }
    parts = [table.slice(at, BATCH) for at in range(0, ROWS, BATCH)]
    work = partial(packed, binnings=binnings)
    rows = (
        ray.data.from_arrow(parts)
        .map_batches(work, batch_format="pyarrow", batch_size=None)
        .take_all()
    )
    here = pa.concat_tables([work(part) for part in parts]).to_pylist()
    assert len(rows) == len(here) == len(parts) * len(binnings)
    for name, binning in binnings.items():
        there, own = (
            rules.merge([codec.unpack_profile(each["profile"], binning) for each in of])
            for of in (
                sorted(
                    (each for each in some if each["feature"] == name), key=lambda one: one["row"]
                )
                for some in (rows, here)
            )
        )
        assert codec.pack_profile(there) == codec.pack_profile(own)
        assert own.rows == ROWS
