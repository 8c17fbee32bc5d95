"""The formulas of the trail against published vectors, and golden ones of our own that never change."""

import hashlib
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from services.record.trail.chain import GENESIS, chain_hash, grow, leaf_hash, node_hash, root_hash

# Certificate Transparency's reference tree (RFC 6962 test vectors): leaves and the roots of 1 to 8 of them.
CT_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def frontier_of(leaves: Sequence[str]) -> tuple[str, ...]:
    frontier: tuple[str, ...] = ()
    for size, leaf in enumerate(leaves):
        frontier = grow(frontier, size, leaf)
    return frontier


def reference_root(leaves: list[str]) -> str:
    """The recursive definition of RFC 6962, section 2.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(reference_root(leaves[:split]), reference_root(leaves[split:]))


def test_the_tree_is_that_of_certificate_transparency() -> None:
    leaves = [leaf_hash(bytes.fromhex(each)) for each in CT_LEAVES]
    assert [root_hash(frontier_of(leaves[: n + 1])) for n in range(8)] == CT_ROOTS
    assert root_hash(()) == hashlib.sha256(b"").hexdigest()


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=130))
def test_the_frontier_gives_the_root_of_the_definition(data: list[bytes]) -> None:
    leaves = [leaf_hash(each) for each in data]
    assert root_hash(frontier_of(leaves)) == reference_root(leaves)


@given(st.lists(st.binary(max_size=8), min_size=2, max_size=20), st.data())
def test_any_single_edit_breaks_the_chain(events: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(events) - 1))
    changed = [*events]
    changed[position] = changed[position] + b"!"
    ends: list[str] = []
    for version in (events, changed):
        chained = GENESIS
        for event in version:
            chained = chain_hash(chained, leaf_hash(event))
        ends.append(chained)
    assert ends[0] != ends[1]


def test_golden_vectors_never_change() -> None:
    first, second = leaf_hash(b'{"v":1}'), leaf_hash(b'{"v":2}')
    assert first == "0fe7f04cd9688fb996eea9ae1248cbe83b4d04805413f35ab25ad9deb5a3cb32"
    assert (
        chain_hash(chain_hash(GENESIS, first), second)
        == "3449aa68ba43c3c18793d63fd865a812455a70d596f44a60ddb6e745f3acd5ad"
    )
