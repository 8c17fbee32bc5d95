from dataclasses import replace

import pytest
import sqlalchemy as sa

from services.kernel.error import Conflict
from services.kernel.identity import Actor
from services.record.signature.service import Signatures
from services.record.signature.types import Meaning, Signature, SignatureDraft, SignedRecord
from services.record.trail.unit_of_work import Store

ADA = Actor("person", "ada", "session")


def draft(**changes: object) -> SignatureDraft:
    made = SignatureDraft(
        record=SignedRecord("review", "r1", 1, "a" * 64),
        review_id="r1",
        signer_id="ada",
        printed_name={"sealed": "c2VhbGVk", "key_id": "k1"},
        signer_title="Validator",
        slot_role="validator",
        meaning=Meaning.APPROVAL,
        decision="approve",
        reason_text="The evidence covers both attributes.",
        auth_method="password",
        auth_components=1,
        auth_event_id="auth-1",
        session_id="session",
        idempotency_key="click-1",
        acknowledged=("performance.auc",),
        opened=("performance", "fairness"),
    )
    return replace(made, **changes)


def give(store: Store, **changes: object) -> Signature:
    with store.unit(ADA) as unit:
        return Signatures().add(unit, draft(**changes))


def test_a_signature_is_read_back_as_it_was_given_and_verifies(store: Store) -> None:
    given = give(store)
    with store.reading() as session:
        read = Signatures().by_id(session, given.signature_id)
    assert read == given
    assert Signatures().verify(read).word == "VALID"


def test_a_double_click_signs_once(store: Store) -> None:
    assert give(store) == give(store)
    with store.reading() as session:
        assert len(Signatures().of_review(session, "r1")) == 1


def test_one_proof_of_identity_gives_one_signature(store: Store) -> None:
    give(store)
    with pytest.raises(Conflict, match="already used"):
        give(store, idempotency_key="click-2", record=SignedRecord("review", "r2", 1, "b" * 64))


def test_nobody_signs_the_same_bytes_twice_unless_the_first_was_taken_back(store: Store) -> None:
    first = give(store)
    again = {"idempotency_key": "click-2", "auth_event_id": "auth-2"}
    with pytest.raises(Conflict, match="already signed"):
        give(store, **again)
    with store.unit(ADA) as unit:
        Signatures().revoke(unit, first.signature_id, "ada", "I looked at the wrong version.")
    second = give(store, **again)
    with store.reading() as session:
        revoked, standing = Signatures().of_review(session, "r1")
    assert revoked.is_revoked
    assert standing == second
    assert not standing.is_revoked


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("reason_text", "I never looked."),
        ("signer_id", "eve"),
        ("slot_role", "approver"),
        ("decision", "reject"),
        ("basis_digest", "f" * 64),
        ("sig_sha256", "f" * 64),
        ("prev_sig_sha256", "f" * 64),
    ],
)
def test_an_edited_signature_says_record_changed(store: Store, column: str, value: str) -> None:
    given = give(store)
    with store.database.engine.connect().execution_options(writing=True) as connection:
        with connection.begin():
            connection.execute(sa.text(f"UPDATE signature SET {column} = :v"), {"v": value})
    with store.reading() as session:
        found = Signatures().verify(Signatures().by_id(session, given.signature_id))
    assert found.word == "RECORD CHANGED"
    assert found.faults


def test_a_removed_signature_is_missed_by_the_next(store: Store) -> None:
    for number in range(1, 4):
        give(
            store,
            idempotency_key=f"click-{number}",
            auth_event_id=f"auth-{number}",
            signer_id=f"person-{number}",
        )
    with store.reading() as session:
        assert all(each.holds for each in Signatures().verify_all(session))
    with store.database.engine.connect().execution_options(writing=True) as connection:
        with connection.begin():
            connection.execute(sa.text("DELETE FROM signature WHERE position = 2"))
    with store.reading() as session:
        first, third = Signatures().verify_all(session)
    assert first.holds
    assert not third.holds


def test_no_name_and_no_free_text_stands_in_the_signed_bytes(store: Store) -> None:
    given = give(store, conditions=("Ask Ada Lovelace again in May.",))
    assert "Lovelace" not in str(given.body)
    assert "both attributes" not in str(given.body)
