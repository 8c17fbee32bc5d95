"""A short storm on each database: every job brings one version, and nothing is left over."""

from pathlib import Path

import pytest

from tests.chaos.storm import Weather, blow
from tests.support.databases import postgres_database
from tests.support.forge import saved_model

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("forge")]
WEATHER = Weather(jobs=5, models=3, seconds=240)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_storm_leaves_one_version_for_each_job_and_nothing_else(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path, mlflow_url: str
) -> None:
    saved = saved_model(tmp_path / "saved")
    if engine == "sqlite":
        url = f"sqlite:///{tmp_path}/home/governance.sqlite"
        found = blow(tmp_path / "home", mlflow_url, url, saved, WEATHER)
    else:
        server = request.getfixturevalue("postgres")
        with postgres_database(server, f"cs_storm_{tmp_path.parent.name[-8:]}") as url:
            found = blow(tmp_path / "home", mlflow_url, url, saved, WEATHER)
    print(found.line, found.more)
    assert found.line == "jobs=5 versions=5 duplicates=0 orphans=0", (found.more, found.wrong)
    assert found.wrong == []
    assert found.kills["self"] + found.kills["paused"] > 0
