"""A number for each value of each feature, made so that sums tell rows apart; worked out once a window.

Notes
-----
Numbers are mixed from their bits (Steele et al. 2014, splittable generators), words get one drawn by
level. Two of a million different rows share a sum with a chance of one in thirty million.
"""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from services.facts.prediction.columns import features

Marks = npt.NDArray[np.uint64]
_SEED = 7
_STEP, _FIRST, _SECOND = (
    np.uint64(each) for each in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
)


def marks(table: pa.Table) -> Marks:
    """Return a number for each value of each feature, shape (k, n); equal values have equal ones."""
    generator = np.random.default_rng(_SEED)
    names = features(table)
    found = np.empty((len(names), table.num_rows), dtype=np.uint64)
    for place, name in enumerate(names):
        salt = generator.integers(1, 2**64, dtype=np.uint64)
        found[place] = _column(table.column(name), salt)
    return found


def rows(found: Marks) -> Marks:
    """Return a number for each row, shape (n,)."""
    return found.sum(axis=0, dtype=np.uint64)


def _column(column: pa.ChunkedArray, salt: np.uint64) -> Marks:
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        values = np.array(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64)
        values += 0.0  # no minus zero
        values[np.isnan(values)] = np.nan  # one way of being no number
        return _mixed(values.view(np.uint64), salt)
    if pa.types.is_null(kind):
        return np.full(len(column), salt)
    held = column if pa.types.is_dictionary(kind) else column.dictionary_encode("encode")
    coded = held.unify_dictionaries().combine_chunks()
    codes = pc.fill_null(coded.indices, len(coded.dictionary)).to_numpy(zero_copy_only=False)
    return _mixed(codes.astype(np.uint64), salt)


def _mixed(bits: Marks, salt: np.uint64) -> Marks:
    """Return numbers that look drawn, one for each bit pattern."""
    with np.errstate(over="ignore"):
        found = bits + salt
        found *= _STEP
        for shift, factor in ((30, _FIRST), (27, _SECOND)):
            found ^= found >> np.uint64(shift)
            found *= factor
        found ^= found >> np.uint64(31)
    return found
