"""Arrays as few bytes, the same on every machine and for ever: what the store of watching holds.

Notes
-----
Two bytes say the version and the kind; the rest is deflated: how many arrays, the type and length of
each, then their bytes by significance (the first byte of all values, the second of all, ...), which
halves the counts of a histogram. Whole numbers take the narrowest width that holds them.
"""

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.kernel.error import IntegrityBroken

VERSION = 1
_HEAD = struct.Struct("<2sI")
_WIDTHS = ("u1", "u2", "u4", "u8")


def pack(kind: str, arrays: Sequence[NDArray[Any]]) -> bytes:
    """Return arrays as bytes, without loss.

    Parameters
    ----------
    kind
        One letter of ASCII: whose arrays these are.
    arrays
        Shape (n,) each: whole numbers from 0 on, or floats, NaN and infinities included.
    """
    narrow = [_narrow(each) for each in arrays]
    heads = [_HEAD.pack(each.dtype.str[1:].encode(), len(each)) for each in narrow]
    body = b"".join([bytes([len(narrow)]), *heads, *(_shuffled(each) for each in narrow)])
    return bytes([VERSION]) + kind.encode("ascii") + zlib.compress(body, 6)


def unpack(kind: str, data: bytes) -> list[NDArray[Any]]:
    """Return the arrays, whole numbers as int64 and others as float64.

    Raises
    ------
    IntegrityBroken
        When the bytes are of another version or kind, or damaged.
    """
    if data[:2] != bytes([VERSION]) + kind.encode("ascii"):
        raise IntegrityBroken("What was stored of this window is of another kind than it says.")
    try:
        body = zlib.decompress(data[2:])
        heads = [_HEAD.unpack_from(body, 1 + _HEAD.size * place) for place in range(body[0])]
        types = [np.dtype(f"<{code.decode('ascii')}") for code, _ in heads]
    except (zlib.error, struct.error, IndexError, TypeError, UnicodeDecodeError) as error:
        raise IntegrityBroken("What was stored of this window is damaged.") from error
    start, found = 1 + _HEAD.size * len(heads), list[NDArray[Any]]()
    for kept, (_, length) in zip(types, heads, strict=True):
        end = start + length * kept.itemsize
        found.append(_straight(body[start:end], kept, length))
        start = end
    return found


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind == "f":
        return np.ascontiguousarray(values, dtype="<f8")
    top = int(values.max(initial=0))
    width = next(code for code in _WIDTHS if top <= np.iinfo(code).max)
    return np.ascontiguousarray(values, dtype=f"<{width}")


def _shuffled(values: NDArray[Any]) -> bytes:
    return values.view(np.uint8).reshape(-1, values.dtype.itemsize).T.tobytes()


def _straight(data: bytes, kept: np.dtype[Any], length: int) -> NDArray[Any]:
    if len(data) != length * kept.itemsize:
        raise IntegrityBroken("What was stored of this window is damaged.")
    planes = np.frombuffer(data, dtype=np.uint8).reshape(kept.itemsize, length)
    values = np.ascontiguousarray(planes.T).view(kept).ravel()
    return values.astype(np.float64 if kept.kind == "f" else np.int64)
