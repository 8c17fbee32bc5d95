"""Files in a folder or an object store: written whole, read by column."""

import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import fsspec
import pyarrow as pa
from pyarrow import parquet

from services.kernel.error import IntegrityBroken, InvalidInput, SourceUnavailable

ROW_GROUP = 100_000


class PartFolder:
    """A place for Parquet files.

    Parameters
    ----------
    url
        A local folder, or any address that fsspec understands, such as ``s3://bucket/predictions``.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    @cached_property
    def _place(self) -> tuple[Any, str]:
        try:
            return fsspec.core.url_to_fs(self._url)
        except (ValueError, ImportError) as error:
            words = (
                "COUNTERSIGN_PREDICTIONS_URL is no folder and no address that can be opened here."
            )
            raise InvalidInput(words, error=str(error)) from error

    @property
    def filesystem(self) -> Any:
        """Return the file system that holds the folder; None for a local one."""
        found, _ = self._place
        return None if "file" in _protocols(found) else found

    def address(self, path: str) -> str:
        """Return the full address of a file."""
        found, root = self._place
        return (
            str(Path(root) / path)
            if self.filesystem is None
            else found.unstrip_protocol(f"{root}/{path}")
        )

    def write(self, path: str, table: pa.Table) -> tuple[int, str]:
        """Write a file whole, in place of one of the same name; return its bytes and SHA-256.

        Raises
        ------
        SourceUnavailable
            When the place takes no file; there is none of that name then, or the one before.
        """
        held = io.BytesIO()
        parquet.write_table(table, held, compression="zstd", row_group_size=ROW_GROUP)
        data = held.getvalue()
        try:
            self._put(path, data)
        except OSError as error:
            words = (
                "The files of the prediction log cannot be written; is their place full or closed?"
            )
            raise SourceUnavailable(words, error=str(error), path=path) from error
        return len(data), hashlib.sha256(data).hexdigest()

    def _put(self, path: str, data: bytes) -> None:
        if self.filesystem is not None:
            self.filesystem.pipe_file(self.address(path), data)
            return
        place = Path(self.address(path))
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = place.with_name(f".{secrets.token_hex(8)}.partial")
        try:
            with partial.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(place)
        finally:
            with contextlib.suppress(FileNotFoundError):
                partial.unlink()

    def read(self, path: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Return a file's table, or those of the columns that it has.

        Raises
        ------
        SourceUnavailable
            When it is not there, or its place does not answer.
        IntegrityBroken
            When it is no longer a Parquet file.
        """
        try:
            with self._open(path) as file:
                held = parquet.ParquetFile(file)
                names = held.schema_arrow.names
                wanted = names if columns is None else [each for each in names if each in columns]
                return held.read(columns=wanted).replace_schema_metadata()
        except pa.ArrowInvalid as error:
            words = f"The file {path} of the prediction log is damaged; restore it from a backup."
            raise IntegrityBroken(words, error=str(error)) from error
        except OSError as error:
            words = f"The file {path} of the prediction log cannot be read; is its place reachable?"
            raise SourceUnavailable(words, error=str(error)) from error

    def delete(self, path: str) -> None:
        """Remove a file; one that is not there is removed already.

        Raises
        ------
        SourceUnavailable
            When the place does not let go of it.
        """
        found, _ = self._place
        try:
            found.rm_file(self.address(path))
        except FileNotFoundError:
            return
        except OSError as error:
            words = f"The file {path} of the prediction log cannot be removed."
            raise SourceUnavailable(words, error=str(error)) from error

    @contextlib.contextmanager
    def _open(self, path: str) -> Iterator[BinaryIO]:
        found, _ = self._place
        with found.open(self.address(path), "rb") as file:
            yield file


@contextlib.contextmanager
def opened(url: str) -> Iterator[BinaryIO]:
    """Open a file of any place for reading.

    Raises
    ------
    InvalidInput
        When it is not there, or nobody here opens such an address.
    """
    try:
        source: Any = fsspec.open(url, "rb")
        with source as file:
            yield file
    except FileNotFoundError as error:
        raise InvalidInput(f"{url} is not there.") from error
    except (ValueError, ImportError) as error:
        raise InvalidInput(f"{url} is no address that can be opened here.") from error


def sign(url: str) -> str:
    """Return what changes when a file is written anew: of its size, its instant, or its place's own tag.

    Raises
    ------
    InvalidInput
        When it is not there, or nobody here opens such an address.
    SourceUnavailable
        When its place does not answer.
    """
    try:
        place, path = fsspec.core.url_to_fs(url)
        return str(place.ukey(path))
    except FileNotFoundError as error:
        raise InvalidInput(f"{url} is not there.") from error
    except (ValueError, ImportError) as error:
        raise InvalidInput(f"{url} is no address that can be opened here.") from error
    except OSError as error:
        raise SourceUnavailable(f"{url} cannot be looked at; is its place reachable?") from error


def _protocols(filesystem: Any) -> tuple[str, ...]:
    told = filesystem.protocol
    return (told,) if isinstance(told, str) else tuple(told)
