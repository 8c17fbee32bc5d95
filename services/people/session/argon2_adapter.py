"""Password hashes: argon2id with 19 MiB, two passes, one lane (the OWASP minimum profile).

At most two are computed at once: each takes 19 MiB and a whole core, and a queue of sign-ins must
not take the machine.
"""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """Return the hash of a password, with its salt and parameters in PHC format."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Tell whether a password has a hash; None takes the same time and is never true."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(password_hash or _NOBODY, password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$Y291bnRlcnNpZ24gbm9ib2R5"
    "$Y291bnRlcnNpZ24gaGFzIG5vYm9keSBoZXJlIQA"
)
