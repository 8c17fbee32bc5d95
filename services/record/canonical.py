"""One way to write a value as bytes: RFC 8785, and the digests made of it."""

import hashlib
import math
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import rfc8785

from services.kernel.error import InvalidInput

_EXACT = 2**53
_DEEPEST = 64


def plain(value: Any, depth: int = 0) -> Any:
    """Return the value in what JSON can say exactly.

    Instants, decimals and integers from 2^53 on become strings; tuples become lists; enums their
    values.

    Raises
    ------
    InvalidInput
        For NaN and infinities, anything JSON has no word for, and nesting beyond 64 levels.
    """
    if depth > _DEEPEST:
        raise InvalidInput("The value is nested too deeply to be recorded.")
    if isinstance(value, Enum):
        return plain(value.value, depth)
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return _nested(value, depth)


def _number(value: float | Decimal) -> float | str:
    if not math.isfinite(value):
        raise InvalidInput("A number is not finite; record it as missing instead.")
    if isinstance(value, Decimal) or (isinstance(value, int) and abs(value) >= _EXACT):
        return str(value)
    return value


def _nested(value: Any, depth: int) -> Any:
    if isinstance(value, Mapping):
        return {str(key): plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, depth + 1) for each in value]
    raise InvalidInput(f"A value of type {type(value).__name__} cannot be recorded.")


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 bytes of a value, after :func:`plain`."""
    try:
        return rfc8785.dumps(plain(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise InvalidInput("The value cannot be written in canonical form.") from error


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 of bytes, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical bytes of a value."""
    return sha256_hex(canonical(value))
