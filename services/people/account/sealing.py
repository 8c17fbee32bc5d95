"""Sealing words about people: AES-256-GCM under a key per person, each key wrapped by the deployment's.

A sealed text is ``base64url(nonce || ciphertext || tag)`` with a random 96-bit nonce (NIST
SP 800-38D); the id of the key is bound as associated data, so that a sealed name cannot be moved
to another person. Destroying the wrapped key makes every text sealed with it unreadable for good.
"""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.kernel.error import IntegrityBroken

_NONCE = 12


class Keyring:
    """Makes, wraps and uses the keys of people.

    Parameters
    ----------
    secret
        The deployment's secret, at least 16 bytes; the wrapping key is derived from it (HKDF).
    """

    def __init__(self, secret: bytes) -> None:
        self._wrapping = _derived(secret, "countersign people keys/1")

    def new_key(self, key_id: str) -> str:
        """Return a fresh key, wrapped, for storing."""
        return _encrypt(self._wrapping, AESGCM.generate_key(256), key_id)

    def seal(self, wrapped: str, key_id: str, text: str) -> str:
        """Return the text sealed under a wrapped key."""
        return _encrypt(self._unwrap(wrapped, key_id), text.encode(), key_id)

    def open(self, wrapped: str, key_id: str, sealed: str) -> str:
        """Return what was sealed.

        Raises
        ------
        IntegrityBroken
            When the sealed text or the key is not what was written.
        """
        return _decrypt(self._unwrap(wrapped, key_id), sealed, key_id).decode()

    def _unwrap(self, wrapped: str, key_id: str) -> bytes:
        return _decrypt(self._wrapping, wrapped, key_id)


class Seal:
    """Seals what a deployment keeps for itself and shows to nobody.

    Parameters
    ----------
    secret
        The deployment's secret, at least 16 bytes.
    purpose
        Each purpose has a key of its own (HKDF), so that nothing sealed for one opens for another.
    """

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._key = _derived(secret, purpose)

    def seal(self, text: str, bound: str) -> str:
        """Return the text sealed; it opens again only where the same words bind it."""
        return _encrypt(self._key, text.encode(), bound)

    def open(self, sealed: str, bound: str) -> str:
        """Return what was sealed.

        Raises
        ------
        IntegrityBroken
            When it was sealed with another secret, for another purpose, or is bound elsewhere.
        """
        return _decrypt(self._key, sealed, bound).decode()


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)


def _encrypt(key: bytes, plain: bytes, key_id: str) -> str:
    nonce = secrets.token_bytes(_NONCE)
    return base64.urlsafe_b64encode(
        nonce + AESGCM(key).encrypt(nonce, plain, key_id.encode())
    ).decode()


def _decrypt(key: bytes, text: str, key_id: str) -> bytes:
    try:
        held = base64.urlsafe_b64decode(text)
        return AESGCM(key).decrypt(held[:_NONCE], held[_NONCE:], key_id.encode())
    except (InvalidTag, ValueError) as error:
        raise IntegrityBroken(
            "What is sealed here cannot be opened with this deployment's secret key."
        ) from error
