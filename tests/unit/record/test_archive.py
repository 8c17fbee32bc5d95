"""Bytes under their own digest."""

from pathlib import Path

import pytest

from services.kernel.error import IntegrityBroken, InvalidInput, NotFound, SourceUnavailable
from services.record.archive.service import Archive
from services.record.canonical import sha256_hex


def test_what_was_kept_comes_back_and_is_kept_once(archive: Archive) -> None:
    digest = archive.put(b"evidence")
    assert archive.put(b"evidence") == digest
    assert archive.get(digest) == b"evidence"
    assert len([p for p in archive.folder.rglob("*") if p.is_file()]) == 1


def test_a_changed_file_is_noticed(archive: Archive) -> None:
    digest = archive.put(b"evidence")
    (archive.folder / digest[:2] / digest).write_bytes(b"evidenc3")
    with pytest.raises(IntegrityBroken):
        archive.get(digest)


@pytest.mark.parametrize("wrong", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_nothing_else_can_be_read_through_it(archive: Archive, wrong: str) -> None:
    with pytest.raises(NotFound):
        archive.get(wrong)


def test_an_object_store_is_refused_in_words() -> None:
    with pytest.raises(InvalidInput, match="COUNTERSIGN_ARCHIVE_URL"):
        Archive("s3://bucket/evidence")


def test_a_folder_that_cannot_be_written_to_says_so(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "a")
    (tmp_path / "a" / archive_folder_of(b"x")).write_text("in the way")
    with pytest.raises(SourceUnavailable, match="archive"):
        archive.put(b"x")


def archive_folder_of(data: bytes) -> str:
    return sha256_hex(data)[:2]
