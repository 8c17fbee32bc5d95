"""The folder of a deployment: what stands in it, and who may look."""

import os
import secrets
from pathlib import Path

from services.kernel.error import InvalidInput, SourceUnavailable
from services.settings import Settings

FOLDERS = ("archive", "predictions", "mlflow", "jobs", "keys", "anchors", "logs")
PRIVATE = 0o700
SECRET = 0o600
SHORTEST = 16


def prepare(settings: Settings) -> Path:
    """Make the workspace folder and what stands in it, closed to others.

    Raises
    ------
    SourceUnavailable
        When it cannot be written to; the sentence names the folder.
    """
    home = settings.home.absolute()
    try:
        for folder in (home, *(home / name for name in FOLDERS)):
            folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE)
        probe = home / f".probe-{secrets.token_hex(4)}"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        raise SourceUnavailable(
            f"The workspace {home} cannot be written to ({(error.strerror or 'unknown').lower()}); "
            "mend its permissions, free some space, or set COUNTERSIGN_HOME to another folder."
        ) from error
    home.chmod(PRIVATE)
    (home / "keys").chmod(PRIVATE)
    return home


def secret_key(settings: Settings) -> bytes:
    """Return the deployment's secret: given, or made once and kept in ``keys/secret.key``.

    Raises
    ------
    InvalidInput
        When the secret given is shorter than 16 characters.
    """
    if settings.secret_key is not None:
        given = settings.secret_key.get_secret_value()
        if len(given) < SHORTEST:
            raise InvalidInput(
                "COUNTERSIGN_SECRET_KEY is too short; use 32 random characters or more."
            )
        return given.encode()
    path = settings.home.absolute() / "keys" / "secret.key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, SECRET)
    except FileExistsError:
        return path.read_bytes().strip()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
    return path.read_bytes()
