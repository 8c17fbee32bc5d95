"""Bytes kept under their own digest, in a folder."""

import contextlib
import os
import re
import secrets
from pathlib import Path

from services.kernel.error import IntegrityBroken, InvalidInput, NotFound, SourceUnavailable
from services.record.canonical import sha256_hex

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Archive:
    """A folder of files named by their SHA-256.

    Raises
    ------
    InvalidInput
        For an address that is not a local folder: object stores are not supported in this release.
    """

    def __init__(self, place: str | Path) -> None:
        text = str(place).removeprefix("file://")
        if "://" in text:
            raise InvalidInput(
                "COUNTERSIGN_ARCHIVE_URL must be a folder; object stores are not supported yet."
            )
        self.folder = Path(text)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, data: bytes) -> str:
        """Keep bytes and return their SHA-256; keeping the same bytes twice changes nothing."""
        digest = sha256_hex(data)
        path = self._path(digest)
        if path.exists():
            return digest
        partial = path.with_name(f".{secrets.token_hex(8)}.partial")
        try:
            path.parent.mkdir(exist_ok=True, mode=0o700)
            with partial.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            raise SourceUnavailable(
                "The archive cannot be written to; free some space or mend its permissions."
            ) from error
        return digest

    def get(self, digest: str) -> bytes:
        """Return the bytes of a digest, hashed again on the way out.

        Raises
        ------
        NotFound
            When nothing is kept under it.
        IntegrityBroken
            When the file no longer has that digest.
        """
        path = self._path(digest)
        if not path.is_file():
            raise NotFound(f"The archive holds nothing under {digest[:12]}….")
        data = path.read_bytes()
        if sha256_hex(data) != digest:
            raise IntegrityBroken(f"The archived file {digest[:12]}… was changed.")
        return data

    def has(self, digest: str) -> bool:
        """Tell whether something is kept under a digest."""
        return self._path(digest).is_file()

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise NotFound("That is not a SHA-256 digest.")
        return self.folder / digest[:2] / digest
