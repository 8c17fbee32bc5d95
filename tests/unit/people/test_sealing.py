import pytest

from services.kernel.error import IntegrityBroken
from services.people.account.sealing import Keyring, Seal


@pytest.fixture
def keys() -> Keyring:
    return Keyring(b"a secret of this deployment, 32 b")


def test_what_is_sealed_can_be_opened_with_the_same_key(keys: Keyring) -> None:
    wrapped = keys.new_key("key-1")
    sealed = keys.seal(wrapped, "key-1", "Ada Lovelace")
    assert "Ada" not in sealed
    assert keys.open(wrapped, "key-1", sealed) == "Ada Lovelace"


def test_sealing_twice_never_gives_the_same_text(keys: Keyring) -> None:
    wrapped = keys.new_key("key-1")
    assert keys.seal(wrapped, "key-1", "Ada") != keys.seal(wrapped, "key-1", "Ada")


def test_a_sealed_name_cannot_be_moved_to_another_person(keys: Keyring) -> None:
    wrapped = keys.new_key("key-1")
    sealed = keys.seal(wrapped, "key-1", "Ada Lovelace")
    with pytest.raises(IntegrityBroken):
        keys.open(keys.new_key("key-2"), "key-2", sealed)
    with pytest.raises(IntegrityBroken):
        keys.open(wrapped, "key-2", sealed)


def test_an_altered_seal_is_noticed(keys: Keyring) -> None:
    wrapped = keys.new_key("key-1")
    sealed = keys.seal(wrapped, "key-1", "Ada Lovelace")
    altered = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]
    with pytest.raises(IntegrityBroken):
        keys.open(wrapped, "key-1", altered)


def test_another_deployments_secret_opens_nothing(keys: Keyring) -> None:
    wrapped = keys.new_key("key-1")
    with pytest.raises(IntegrityBroken, match="secret key"):
        Keyring(b"the secret of somebody else here").seal(wrapped, "key-1", "Ada")


def test_what_is_sealed_for_one_purpose_opens_for_no_other() -> None:
    secret = b"a secret of this deployment, 32 b"
    sealed = Seal(secret, "channels").seal("hook", "ops")
    assert Seal(secret, "channels").open(sealed, "ops") == "hook"
    for seal, bound in (
        (Seal(secret, "incidents"), "ops"),
        (Seal(secret, "channels"), "other"),
        (Seal(secret[::-1], "channels"), "ops"),
    ):
        with pytest.raises(IntegrityBroken):
            seal.open(sealed, bound)
