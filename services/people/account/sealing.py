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
        derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"countersign people keys/1")
        self._wrapping = derive.derive(secret)

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
