"""Environments that nobody uses make room, the one used longest ago first; what is in use stays."""

import fcntl
import hashlib
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.views import upkeep
from services.decisions.recipe.types import Environment, EnvironmentKind
from services.kernel.clock import FixedClock
from services.workflows.environment.retention import Retention
from services.workflows.environment.service import Environments
from services.workflows.retraining.preparing import environments_in_use

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
OLD, OLDER, NEW = ("0a" * 32, "0b" * 32, "0c" * 32)
MB = 10**6
TAG = f"cp{sys.version_info.major}{sys.version_info.minor}"


def environment(root: Path, digest: str, hours: float, size: int = MB) -> Path:
    """Lay an environment of one large file that was used so many hours ago."""
    folder = root / f"{digest}-cp311"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").write_bytes(b"")
    (folder / "library.so").write_bytes(os.urandom(size))
    about = folder / "environment.json"
    about.write_text(json.dumps({"packages": []}))
    at = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(about, (at, at))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "env"
    environment(made, OLDER, 900)
    environment(made, OLD, 90)
    environment(made, NEW, 0.5)
    return made


def retention(root: Path, limit: float, *in_use: str) -> Retention:
    return Retention(root, round(limit * MB), lambda: frozenset(in_use), FixedClock(NOW))


def there(root: Path) -> set[str]:
    return {each.parent.name.partition("-")[0] for each in root.glob("*/environment.json")}


def test_within_the_limit_nothing_goes(root: Path) -> None:
    told = retention(root, 4).tidy()
    assert (told.environments, told.removed, told.emptied) == (3, 0, False)
    assert 3 * MB < told.bytes < 3.1 * MB


def test_what_was_used_longest_ago_goes_first_and_no_more_than_needed(root: Path) -> None:
    told = retention(root, 2.5).tidy()
    assert (told.environments, told.removed) == (2, 1)
    assert there(root) == {OLD, NEW}


def test_what_is_in_use_or_was_just_asked_for_stays_whatever_the_limit(root: Path) -> None:
    told = retention(root, 0.1, OLDER).tidy()
    assert (told.environments, told.in_use, told.removed) == (2, 1, 1)
    assert there(root) == {OLDER, NEW}
    assert told.bytes > told.limit
    assert upkeep.environments({"why": "x"})[1] == "unknown"
    found = upkeep.environments(
        {"environments": 2, "bytes": told.bytes, "limit": told.limit, "removed": told.removed}
    )
    assert found[1:3] == ("stale", "Above the limit")


def test_the_downloads_go_before_any_environment_and_links_survive(root: Path) -> None:
    cache = root / "cache" / "archive"
    cache.mkdir(parents=True)
    (cache / "big.whl").write_bytes(os.urandom(2 * MB))
    library = root / f"{OLD}-cp311" / "library.so"
    os.link(library, cache / "library.so")
    told = retention(root, 3.5).tidy()
    assert (told.emptied, told.removed) == (True, 0)
    assert not (cache / "big.whl").exists()
    assert library.stat().st_size == MB


def test_nothing_goes_that_somebody_builds(root: Path) -> None:
    with (root / f"{OLDER}-cp311.lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        retention(root, 2.5).tidy()
    assert there(root) == {OLDER, NEW}


def test_who_asks_for_an_environment_marks_it_as_used(tmp_path: Path) -> None:
    text = "tiny==1.0\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    made = environment(tmp_path / "env", digest, 900)
    folder = made.rename(made.with_name(f"{digest}-{TAG}"))
    (tmp_path / "requirements.lock").write_text(text)
    wanted = Environment(EnvironmentKind.LOCK, "requirements.lock")
    before = (folder / "environment.json").stat().st_mtime
    found = Environments(tmp_path / "env").prepare(wanted, tmp_path, tmp_path / "log")
    assert found.python == str(folder / "bin" / "python")
    assert (folder / "environment.json").stat().st_mtime > before


def test_the_environments_of_tickets_under_way_are_known(tmp_path: Path) -> None:
    assert environments_in_use(tmp_path) == frozenset()
    folder = tmp_path / "tickets" / "t1"
    folder.mkdir(parents=True)
    (folder / "prepared.json").write_text(json.dumps({"environment_sha256": OLD}))
    assert environments_in_use(tmp_path) == {OLD}
    (folder / "prepared.json").write_text("{")
    with pytest.raises(ValueError, match="Expecting"):
        environments_in_use(tmp_path)
