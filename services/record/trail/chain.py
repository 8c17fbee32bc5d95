"""The formulas of the trail: leaf, chain and tree hashes (RFC 6962), on stored bytes.

::

    leaf  = SHA256(0x00 || envelope)
    node  = SHA256(0x01 || left || right)
    chain = SHA256(0x02 || previous chain || leaf)        the first previous chain is 32 zero bytes

The frontier is the compact range of the tree: the roots of its full subtrees, largest first.
"""

import hashlib
from collections.abc import Sequence

GENESIS = "0" * 64


def leaf_hash(envelope: bytes) -> str:
    """Return the hash of one event's stored bytes, in hexadecimal."""
    return hashlib.sha256(b"\x00" + envelope).hexdigest()


def node_hash(left: str, right: str) -> str:
    """Return the hash of two subtrees."""
    return hashlib.sha256(b"\x01" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def chain_hash(previous: str, leaf: str) -> str:
    """Return the hash that ties a leaf to all before it."""
    return hashlib.sha256(b"\x02" + bytes.fromhex(previous) + bytes.fromhex(leaf)).hexdigest()


def grow(frontier: Sequence[str], size: int, leaf: str) -> tuple[str, ...]:
    """Return the frontier after one more leaf.

    Parameters
    ----------
    frontier
        The roots of the full subtrees, largest first, for a tree of ``size`` leaves.
    """
    roots = [*frontier, leaf]
    while size & 1:
        right = roots.pop()
        roots.append(node_hash(roots.pop(), right))
        size >>= 1
    return tuple(roots)


def root_hash(frontier: Sequence[str]) -> str:
    """Return the root of the tree; the hash of nothing for an empty one."""
    if not frontier:
        return hashlib.sha256(b"").hexdigest()
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root
