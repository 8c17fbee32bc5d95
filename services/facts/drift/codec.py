"""Bins and profiles as bytes for the store of watching; about a kilobyte a feature and window."""

import json

import numpy as np

from services.facts.drift.types import Binning, CategoryBinning, NumericBinning, Profile
from services.facts.window.packing import pack, unpack
from services.kernel.error import IntegrityBroken, InvalidInput

_NUMBER, _CATEGORY, _PROFILE = "n", "c", "p"


def pack_binning(binning: Binning) -> bytes:
    """Return bins as bytes, without loss."""
    if isinstance(binning, NumericBinning):
        return pack(_NUMBER, [binning.edges, binning.atoms.astype(np.int64), binning.deciles])
    levels = np.frombuffer(json.dumps(binning.levels).encode(), dtype=np.uint8)
    return pack(_CATEGORY, [levels, np.array([int(binning.is_complete)])])


def unpack_binning(data: bytes) -> Binning:
    """Return the bins.

    Raises
    ------
    IntegrityBroken
        When the bytes are no bins, or damaged.
    """
    if data[1:2] == _NUMBER.encode():
        edges, atoms, deciles = unpack(_NUMBER, data)
        if not len(edges) + 1 == len(atoms) == len(deciles):
            raise IntegrityBroken("What was stored of these bins is damaged.")
        return NumericBinning(edges, atoms.astype(np.bool_), deciles)
    levels, complete = unpack(_CATEGORY, data)
    words = json.loads(levels.astype(np.uint8).tobytes())
    return CategoryBinning(tuple(words), is_complete=bool(complete[0]))


def pack_profile(profile: Profile) -> bytes:
    """Return a profile as bytes, without loss."""
    beside = np.array([profile.nulls, profile.invalid, profile.infinite])
    moments = [profile.total, profile.squares, profile.smallest, profile.largest]
    return pack(_PROFILE, [profile.counts, beside, np.array(moments, dtype=np.float64)])


def unpack_profile(data: bytes, binning: Binning | None = None) -> Profile:
    """Return the profile.

    Parameters
    ----------
    binning
        Where given, the bins that it must be of.

    Raises
    ------
    IntegrityBroken
        When the bytes are no profile, or damaged.
    InvalidInput
        When it is of other bins.
    """
    counts, beside, moments = unpack(_PROFILE, data)
    if binning is not None and len(counts) != binning.bins:
        raise InvalidInput("This profile is of other bins; measure the window again.")
    nulls, invalid, infinite = beside.tolist()
    return Profile(counts, nulls, invalid, infinite, *moments.tolist())
