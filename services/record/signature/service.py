"""Giving, taking back and checking signatures, inside somebody's unit of work."""

from dataclasses import replace

from sqlmodel import Session

from services.kernel.error import Conflict, NotFound
from services.kernel.identity import new_id
from services.record.canonical import canonical, plain, sha256_hex
from services.record.signature import repository, rules
from services.record.signature.types import Signature, SignatureDraft, Verification
from services.record.trail.repository import lock_head
from services.record.trail.unit_of_work import UnitOfWork


class Signatures:
    """All signatures of the house, in one chain.

    Notes
    -----
    The head of the trail is the lock of the chain: whoever writes a signature holds it, so two
    signatures never claim the same place.
    """

    def add(self, unit: UnitOfWork, draft: SignatureDraft) -> Signature:
        """Store a signature and its event ``signature:given``; the same key gives the same one.

        Raises
        ------
        Conflict
            When the proof of identity was used for another signature, or this person's signature
            over these bytes already stands.
        """
        lock_head(unit.session)
        known = repository.by_key(unit.session, draft.idempotency_key)
        if known is not None:
            return known
        series = self._series(unit.session, draft)
        position, previous = repository.last(unit.session)
        signature_id = new_id()
        body = plain(rules.body(draft, signature_id, unit.now, previous))
        signature = Signature(
            signature_id=signature_id,
            position=position + 1,
            draft=draft,
            signed_at=unit.now,
            body=body,
            prev_sig_sha256=previous,
            sig_sha256=sha256_hex(canonical(body)),
        )
        seq = unit.event(
            "signature:given",
            (draft.record.kind, draft.record.id),
            signature_id=signature_id,
            sig_sha256=signature.sig_sha256,
            basis_digest=draft.record.sha256,
            meaning=draft.meaning.value,
            decision=draft.decision,
            slot_role=draft.slot_role,
            auth_event_id=draft.auth_event_id,
        )
        repository.add(unit.session, signature, series, seq)
        return signature

    def revoke(self, unit: UnitOfWork, signature_id: str, by: str, reason: str) -> Signature:
        """Take a signature back; event ``signature:revoked``. Taking it back twice changes nothing.

        Raises
        ------
        NotFound
            When there is no such signature.
        """
        lock_head(unit.session)
        found = self.by_id(unit.session, signature_id)
        if found.is_revoked:
            return found
        record = found.draft.record
        seq = unit.event(
            "signature:revoked",
            (record.kind, record.id),
            signature_id=signature_id,
            reason_sha256=sha256_hex(reason.encode()),
        )
        repository.revoke(unit.session, signature_id, by, unit.now, (reason, seq))
        return replace(found, revoked_at=unit.now, revoked_by=by)

    def by_id(self, session: Session, signature_id: str) -> Signature:
        """Return one signature.

        Raises
        ------
        NotFound
            When there is none of that id.
        """
        found = repository.by_id(session, signature_id)
        if found is None:
            raise NotFound("There is no such signature.")
        return found

    def by_key(self, session: Session, key: str) -> Signature | None:
        """Return the signature that was given under a key, or None."""
        return repository.by_key(session, key)

    def of_review(self, session: Session, review_id: str) -> list[Signature]:
        """Return the signatures of one review, in order; revoked ones are among them."""
        return repository.of_reviews(session, [review_id])

    def of_reviews(self, session: Session, review_ids: list[str]) -> list[Signature]:
        """Return the signatures of some reviews in one query."""
        return repository.of_reviews(session, review_ids) if review_ids else []

    def verify(self, signature: Signature) -> Verification:
        """Recompute one signature; no faults when nothing is wrong."""
        return rules.verify(signature)

    def verify_all(self, session: Session) -> tuple[Verification, ...]:
        """Recompute every signature and the chain between them."""
        return rules.verify_chain(repository.find(session))

    def _series(self, session: Session, draft: SignatureDraft) -> int:
        if repository.by_auth_event(session, draft.auth_event_id) is not None:
            raise Conflict("This password was already used for a signature; enter it again.")
        mine = [
            each
            for each in repository.of_reviews(session, [draft.review_id])
            if each.signer_id == draft.signer_id and each.basis_digest == draft.record.sha256
        ]
        if any(not each.is_revoked for each in mine):
            raise Conflict("You have already signed this; reload the page to see it.")
        return len(mine)
